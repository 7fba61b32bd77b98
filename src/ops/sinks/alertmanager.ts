import type { Alert, Sink } from "../alerts/index.ts";
import { type HttpReceiver, postJson } from "./http.ts";
import { runbookLink } from "./message.ts";

/** Alerts in one request. */
const MOST = 500;

export interface AlertmanagerParts {
  /** All of a cluster: they do not tell each other of alerts. */
  readonly receivers: readonly HttpReceiver[];
  /** Sent as `Authorization`, where they are behind a proxy that wants it. */
  readonly token?: string | undefined;
  /** Milliseconds after which they take an alert for over that nobody repeats; longer than a watcher may be down. */
  readonly hold: number;
  readonly base: string | undefined;
}

/**
 * Prometheus' Alertmanager (API v2). It keeps alerts in memory and ends those that are not posted again, so what lasts is
 * repeated (`keepAlive`) long before its end.
 */
export class Alertmanager implements Omit<Sink, "name"> {
  readonly onlyLasting = true;
  readonly #parts: AlertmanagerParts;

  constructor(parts: AlertmanagerParts) {
    this.#parts = parts;
  }

  async deliver(alert: Alert): Promise<void> {
    await this.#post([alert]);
  }

  async keepAlive(alerts: readonly Alert[]): Promise<void> {
    for (let from = 0; from < alerts.length; from += MOST) await this.#post(alerts.slice(from, from + MOST));
  }

  /** Every one has to take it: one that missed an end would go on telling. */
  async #post(alerts: readonly Alert[]): Promise<void> {
    const { receivers, token } = this.#parts;
    const body = JSON.stringify(alerts.map((alert) => this.#postable(alert)));
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const results = await Promise.allSettled(receivers.map((receiver) => postJson(receiver, body, headers)));
    const failed = results.find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
  }

  #postable(alert: Alert): object {
    const { rule, severity, phase, summary, since, key, labels, details } = alert;
    const now = Date.now();
    const over = phase === "resolved" || phase === "retracted";
    // It takes no alert that ends before it begins, and block time may be ahead of this clock.
    const startsAt = Math.min(Date.parse(since), now);
    return {
      startsAt: new Date(startsAt).toISOString(),
      endsAt: new Date(over ? Math.max(now, startsAt + 1) : now + this.#parts.hold).toISOString(),
      // What names the alert there: the phase is no part of it.
      labels: { ...labelsOf(labels), alertname: rule, severity, key, source: "watcher" },
      annotations: {
        summary,
        phase,
        runbook: runbookLink(alert, this.#parts.base),
        details: Object.entries(details)
          .map(([name, value]) => `${name}=${value}`)
          .join(" "),
      },
    };
  }
}

/** Names as Prometheus takes them; a label without a value is none. */
function labelsOf(labels: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(labels).filter(([, value]) => value !== "");
  return Object.fromEntries(
    entries.map(([name, value]) => [name.replaceAll(/[^a-zA-Z0-9_]/g, "_").replace(/^(?=\d)/, "_"), value]),
  );
}
