import { createHash } from "node:crypto";
import type { Alert, Alerts, Finding, Probe } from "../alerts/index.ts";
import { type Rule, runbookOf } from "../monitors/rule.ts";

/** What a probe said last. */
export interface LookResult {
  /** Of the last look that worked. */
  readonly findings: readonly Finding[];
  /** Whether the last look failed altogether. */
  readonly failed: boolean;
  /** When it was done, milliseconds since 1970. */
  readonly at: number;
}

export interface StateWatchParts {
  readonly rules: readonly Rule[];
  readonly alerts: Pick<Alerts, "raise" | "active" | "records">;
  readonly now: () => number;
}

const LONGEST_KEY = 255;
const LONGEST_SUMMARY = 1_024;

/** Key of a state's alert; a subject that makes it too long is hashed. */
export function stateKey(rule: string, subject: string): string {
  const key = subject === "" ? rule : `${rule}/${subject}`;
  if (key.length <= LONGEST_KEY) return key;
  return `${rule}/${createHash("sha256").update(subject).digest("hex")}`;
}

/**
 * Turns what probes find into alerts that last as long as the state does, and ends alerts of events whose state is over or
 * whose time has come. What is over is known from a look alone: a watcher that is down, or a look that fails, ends nothing.
 */
export class StateWatch {
  readonly #parts: StateWatchParts;
  readonly #rules: ReadonlyMap<string, Rule>;
  readonly #results = new Map<string, LookResult>();

  constructor(parts: StateWatchParts) {
    this.#parts = parts;
    this.#rules = new Map(parts.rules.map((rule) => [rule.id, rule]));
  }

  /** What each probe said last, by its name. */
  get results(): ReadonlyMap<string, LookResult> {
    return this.#results;
  }

  /** One look, and what follows from it. @throws what the probe throws, after it was noted. */
  async look(probe: Probe): Promise<void> {
    const { alerts, now } = this.#parts;
    // Only what was told before the look may be ended by it: a pause in the meantime is not over.
    const before = alerts.active();
    let findings: readonly Finding[];
    try {
      findings = await probe.look();
    } catch (error) {
      const known = this.#results.get(probe.name)?.findings ?? [];
      this.#results.set(probe.name, { findings: known, failed: true, at: now() });
      throw error;
    }
    const told = [
      ...this.#states(probe.name, findings, before),
      ...this.#endedEvents(probe.name, findings, before),
    ];
    if (told.length > 0) await alerts.raise(told);
    this.#results.set(probe.name, { findings, failed: false, at: now() });
  }

  /** Ends open alerts that end by themselves after a time. */
  async expire(): Promise<void> {
    const { alerts, now } = this.#parts;
    const over = alerts.records().filter(({ alert, changed }) => {
      const resolves = this.#rules.get(alert.rule)?.resolves;
      if (resolves?.by !== "time" || alert.phase !== "open") return false;
      return Date.parse(changed) + resolves.seconds * 1000 <= now();
    });
    if (over.length > 0) await alerts.raise(over.map(({ alert }) => ({ ...alert, phase: "resolved" })));
  }

  #states(probe: string, findings: readonly Finding[], before: readonly Alert[]): Alert[] {
    return [...this.#rules.values()].flatMap((rule) => {
      if (rule.source.kind !== "state" || rule.source.probe !== probe) return [];
      const active = new Map(
        before.filter((alert) => alert.rule === rule.id).map((alert) => [alert.key, alert]),
      );
      const named = new Set<string>();
      const told: Alert[] = [];
      for (const finding of findings) {
        const key = stateKey(rule.id, finding.subject);
        named.add(key);
        const known = active.get(key);
        if (finding.breached === true && known === undefined)
          told.push(this.#begun(rule, probe, key, finding));
        if (finding.breached === false && known !== undefined && rule.resolves.by === "state")
          told.push({ ...known, phase: "resolved", summary: finding.summary.slice(0, LONGEST_SUMMARY) });
      }
      const gone = [...active.values()].filter(({ key }) => !named.has(key) && rule.resolves.by === "state");
      return [...told, ...gone.map((alert): Alert => ({ ...alert, phase: "resolved" }))];
    });
  }

  #begun(rule: Rule, probe: string, key: string, { subject, summary, details }: Finding): Alert {
    return {
      key,
      rule: rule.id,
      severity: rule.severity,
      phase: "open",
      summary: `${rule.title}: ${summary}`.slice(0, LONGEST_SUMMARY),
      since: new Date(this.#parts.now()).toISOString(),
      labels: { probe, subject },
      details: details ?? {},
      runbook: runbookOf(rule),
    };
  }

  /** Final alerts of events that begin a state which this probe knows, once all of it is over. */
  #endedEvents(probe: string, findings: readonly Finding[], before: readonly Alert[]): Alert[] {
    const begun = before.filter(({ rule: id, phase }) => {
      const rule = this.#rules.get(id);
      const { resolves, source } = rule ?? {};
      return (
        phase === "open" && source?.kind !== "state" && resolves?.by === "state" && resolves.probe === probe
      );
    });
    return begun.flatMap((alert): Alert[] => {
      const labels = new Set(Object.values(alert.labels));
      const own = findings.filter(({ subject }) => labels.has(subject));
      const relevant = own.length > 0 ? own : findings;
      // Nodes that lag may say what was so before the event.
      const since = Number(alert.details.block ?? 0);
      const over =
        relevant.length > 0 &&
        relevant.every(
          ({ breached, block }) => breached === false && (block === undefined || block >= since),
        );
      return over ? [{ ...alert, phase: "resolved" }] : [];
    });
  }
}
