import type { Severity } from "../monitors/rule.ts";

/**
 * Where an alert is on its way.
 *
 * - `unconfirmed`: seen in a block that a reorganisation may still undo; only critical and high ones are told so early.
 * - `open`: final, and not over.
 * - `retracted`: the block it was seen in is no longer part of the chain.
 * - `resolved`: over, by its rule's resolution.
 * - `notice`: no alert, but what somebody lets others know; told once, never open, and no maintenance window keeps it quiet.
 */
export type AlertPhase = "unconfirmed" | "open" | "retracted" | "resolved" | "notice";

/** What a sink delivers. The same alert comes once for each phase, and may come twice: receivers go by `key`. */
export interface Alert {
  /**
   * Stable over restarts and reorganisations, at most 255 characters: for an event `RULE/CHAIN/TX/N` (N: which match of the rule in
   * the transaction), for a state `RULE/SUBJECT`.
   */
  readonly key: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly phase: AlertPhase;
  /** One line with the facts, at most 1,024 characters. Never a secret, never a payload. */
  readonly summary: string;
  /** When it began: block time, or when the state was first seen. RFC 3339, UTC. */
  readonly since: string;
  /** What names the subject. */
  readonly labels: Readonly<Record<string, string>>;
  /** Figures and places that help whoever is called. */
  readonly details: Readonly<Record<string, string>>;
  /** Page that says what to do, relative to the root. */
  readonly runbook: string;
}

/** Somebody looks after an alert; it is still open. */
export interface Acknowledgement {
  readonly by: string;
  /** RFC 3339, UTC. */
  readonly at: string;
}

/** A receiver of alerts. */
export interface Sink {
  /** As the configuration names it. */
  readonly name: string;
  /** Milliseconds between two messages that the receiver bears; 0 without it. */
  readonly interval?: number;
  /** Which alerts are for it; all without it. The answer depends on the rule and the severity alone. */
  takes?(alert: Pick<Alert, "rule" | "severity">): boolean;
  /** It knows only what begins and ends, and is given no notices. */
  readonly onlyLasting?: boolean;
  /**
   * Returns once the receiver has taken it.
   *
   * @throws RetryLater where the receiver says when, or any other UnavailableError, when another try may help; RefusedError
   *   when none will.
   */
  deliver(alert: Alert): Promise<void>;
  /** Says that somebody looks after it, where the receiver has a use for that. Errors as of `deliver`. */
  acknowledge?(alert: Alert, acknowledgement: Acknowledgement): Promise<void>;
  /** Says again what lasts, to a receiver that would take silence for an end. Errors as of `deliver`. */
  keepAlive?(alerts: readonly Alert[]): Promise<void>;
}
