/** How urgent an alert is: the escalation matrix of the Aleo runbooks (seed 003), used for everything. */
export const SEVERITIES = ["critical", "high", "medium", "low"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Seconds within which somebody has to act (seed 003, "Escalation Matrix"). */
export const RESPONSE_SECONDS: Readonly<Record<Severity, number>> = {
  critical: 15 * 60,
  high: 60 * 60,
  medium: 4 * 60 * 60,
  low: 24 * 60 * 60,
};

/** Contracts that rules watch, as their artifacts and deployment files name them. */
export type WatchedContract = "ProofXVerifier" | "AnchorRegistry" | "TimelockController";

/** One comparison of an event's argument, by its name in the ABI; several hold together. */
export interface Condition {
  readonly argument: string;
  readonly is: "==" | "!=" | ">" | "<";
  /** As the ABI decodes it: decimal or 0x text for numbers, addresses and bytes. */
  readonly value: string | boolean;
}

/** An event of a contract: an alert each time it happens. */
export interface EventSource {
  readonly kind: "event";
  /** All that have the event; an alert's label `contract` says which of them it was. */
  readonly contracts: readonly WatchedContract[];
  /** Canonical, e.g. `RoleGranted(bytes32,address,address)`; checked against the ABI. */
  readonly signature: string;
  readonly where?: readonly Condition[];
  /** Arguments that an alert's labels name. */
  readonly labels: readonly string[];
}

/** An event of the log, by its type. */
export interface LogSource {
  readonly kind: "log";
  readonly eventTypes: readonly string[];
}

/** Calls of our Aleo programs, by the function's name; `(deployment)` for a program deployed or upgraded. One that was rejected is none. */
export interface AleoSource {
  readonly kind: "aleo";
  readonly functions: readonly string[];
}

/** A state that the watcher looks at (`src/ops/probes`): an alert for each subject as long as it lasts. */
export interface StateSource {
  readonly kind: "state";
  readonly probe: string;
}

/** What Prometheus finds in the services' metrics. */
export interface MetricSource {
  readonly kind: "metric";
  /** PromQL that has a result for each subject that is in breach. */
  readonly expression: string;
  /** How long it has to be so, in Prometheus' notation, e.g. `5m`. */
  readonly for: string;
  /** Labels of the result that name the subject. */
  readonly labels: readonly string[];
}

export type Source = EventSource | LogSource | AleoSource | StateSource | MetricSource;

/** What ends an alert. */
export type Resolution =
  /** Somebody has looked at it and says so: `alerts resolve`, or, where Prometheus alone tells of it, in the pager. */
  | { readonly by: "hand" }
  /** The state itself; for an event that begins a state, the probe that knows the state. */
  | { readonly by: "state"; readonly probe?: string }
  /** Nothing to do but to know it: it ends by itself after so many seconds. */
  | { readonly by: "time"; readonly seconds: number };

/** One thing that somebody must hear of. */
export interface Rule {
  /** The alert's name in every system, and of its page, `docs/runbooks/ID.md`: PascalCase. */
  readonly id: string;
  /** One line, without a full stop. */
  readonly title: string;
  readonly severity: Severity;
  readonly source: Source;
  /** Blocks on top of an event's own until it is final; the chain's setting without it. */
  readonly confirmations?: number;
  readonly resolves: Resolution;
  /** Figure or sentence of a seed that asks for it, e.g. `001 section 2`. */
  readonly asked: string;
}

/** The page that says what to do, relative to the root. */
export function runbookOf(rule: Pick<Rule, "id">): string {
  return `docs/runbooks/${rule.id}.md`;
}
