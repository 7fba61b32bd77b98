import type { Acknowledgement, Alert, Sink } from "../alerts/index.ts";
import { cut } from "../alerts/text.ts";
import type { Severity } from "../monitors/rule.ts";
import { type HttpReceiver, postJson } from "./http.ts";
import { runbookLink } from "./message.ts";

const SUMMARY_LIMIT = 1024;
const SEVERITY: Readonly<Record<Severity, string>> = {
  critical: "critical",
  high: "error",
  medium: "warning",
  low: "info",
};

export interface PagerDutyParts {
  readonly receiver: HttpReceiver;
  /** Of an integration "Events API v2". */
  readonly routingKey: string;
  /** URL that runbooks' paths are under. */
  readonly base: string | undefined;
}

/**
 * PagerDuty's Events API v2. The alert's key is the `dedup_key`, so what comes twice is one incident there, the final alert
 * joins the unconfirmed one, and a retraction resolves it.
 */
export class PagerDuty implements Omit<Sink, "name"> {
  readonly onlyLasting = true;
  readonly #parts: PagerDutyParts;

  constructor(parts: PagerDutyParts) {
    this.#parts = parts;
  }

  async deliver(alert: Alert): Promise<void> {
    const over = alert.phase === "resolved" || alert.phase === "retracted";
    await this.#send(alert, over ? { event_action: "resolve" } : this.#trigger(alert));
  }

  async acknowledge(alert: Alert, _acknowledgement: Acknowledgement): Promise<void> {
    await this.#send(alert, { event_action: "acknowledge" });
  }

  #trigger(alert: Alert): object {
    const { rule, severity, phase, summary, since, labels, details, key } = alert;
    const runbook = runbookLink(alert, this.#parts.base);
    return {
      event_action: "trigger",
      client: "ProofX",
      payload: {
        summary: cut(phase === "unconfirmed" ? `[unconfirmed] ${summary}` : summary, SUMMARY_LIMIT),
        source: labels.subject ?? labels.contract ?? labels.chain ?? "proofx",
        severity: SEVERITY[severity],
        timestamp: since,
        class: rule,
        component: labels.contract ?? labels.probe ?? labels.store ?? rule,
        custom_details: { ...labels, ...details, key, phase, runbook },
      },
      // PagerDuty takes links as URLs alone.
      ...(this.#parts.base === undefined ? {} : { links: [{ href: runbook, text: "Runbook" }] }),
    };
  }

  async #send({ key }: Alert, event: object): Promise<void> {
    const { receiver, routingKey } = this.#parts;
    await postJson(receiver, JSON.stringify({ routing_key: routingKey, dedup_key: key, ...event }));
  }
}
