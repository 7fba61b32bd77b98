import { InputError, RefusedError } from "../../core/errors.ts";
import type { Severity } from "../monitors/rule.ts";
import type { Alert } from "./alert.ts";

/** A maintenance window to come: alerts that match are kept, and told when it ends if they still last. */
export interface SilenceRequest {
  /** Ids of rules; every rule without it. */
  readonly rules?: readonly string[];
  /** Every severity without it. */
  readonly severities?: readonly Severity[];
  /** Milliseconds since 1970; now without it. */
  readonly from?: number;
  /** Milliseconds since 1970. */
  readonly until: number;
  /** Why, for whoever comes later. */
  readonly reason: string;
  /** Who asked for it. */
  readonly by: string;
}

/** A maintenance window. Times are RFC 3339, UTC. */
export interface Silence {
  readonly id: string;
  /** None: every rule. */
  readonly rules: readonly string[];
  /** None: every severity. */
  readonly severities: readonly Severity[];
  readonly from: string;
  readonly until: string;
  readonly reason: string;
  readonly by: string;
  readonly created: string;
}

/** Milliseconds for which critical alerts may be silenced: nobody forgets a window that long over a night. */
export const CRITICAL_LIMIT = 4 * 3_600_000;
/** Milliseconds between two windows below which they are one: what lasts is told in between, and nobody would have time to act. */
const LEAST_GAP = 15 * 60_000;
/** Milliseconds for which anything may be silenced; what is to be quiet for good is a rule to be changed. */
const LIMIT = 30 * 24 * 3_600_000;

/** Until when nobody is to be told of it, in milliseconds since 1970; undefined when somebody is. */
export function silencedUntil(
  alert: Pick<Alert, "rule" | "severity">,
  silences: readonly Silence[],
  now: number,
): number | undefined {
  const ends = silences
    .filter((silence) => Date.parse(silence.from) <= now && now < Date.parse(silence.until))
    .filter((silence) => covers(silence, alert))
    .map(({ until }) => Date.parse(until));
  return ends.length === 0 ? undefined : Math.max(...ends);
}

function covers(silence: Silence, { rule, severity }: Pick<Alert, "rule" | "severity">): boolean {
  // Whatever a rule was thought to be when the window was made: a critical alert is not kept quiet for longer.
  if (severity === "critical" && lengthOf(silence) > CRITICAL_LIMIT) return false;
  return (
    (silence.rules.length === 0 || silence.rules.includes(rule)) &&
    (silence.severities.length === 0 || silence.severities.includes(severity))
  );
}

/**
 * Whether a window may be made beside those there are.
 *
 * @param severityOf Severity of a rule; one that it does not know counts as critical.
 * @throws InputError for a window that is none or is over; RefusedError when, with those it touches, it would silence critical
 *   alerts for more than 4 hours, or anything for more than 30 days.
 */
export function checkSilence(
  wanted: Silence,
  others: readonly Silence[],
  now: number,
  severityOf: (rule: string) => Severity | undefined,
): void {
  const [from, until] = [Date.parse(wanted.from), Date.parse(wanted.until)];
  if (!(until > from && until > now))
    throw InputError.expected("silence: until", "a time after its beginning and after now", wanted.until);
  if (wanted.reason.trim() === "") throw InputError.expected("silence: reason", "a reason", wanted.reason);
  if (wanted.by.trim() === "") throw InputError.expected("silence: by", "who asks for it", wanted.by);
  if (until - from > LIMIT)
    throw new RefusedError("nothing is silenced for more than 30 days", {
      next: "change the rule, or the sink's severities",
    });
  if (!mayCoverCritical(wanted, severityOf)) return;
  const critical = others.filter((other) => mayCoverCritical(other, severityOf) && shareRules(wanted, other));
  if (stretchOf(wanted, critical) > CRITICAL_LIMIT)
    throw new RefusedError("critical alerts are not silenced for more than 4 hours on end", {
      next: "--severity high --severity medium --severity low leaves critical ones; or make a shorter window and look again when it ends",
    });
}

function mayCoverCritical(
  { rules, severities }: Silence,
  severityOf: (rule: string) => Severity | undefined,
): boolean {
  if (severities.length > 0 && !severities.includes("critical")) return false;
  return rules.length === 0 || rules.some((rule) => (severityOf(rule) ?? "critical") === "critical");
}

function shareRules(a: Silence, b: Silence): boolean {
  return a.rules.length === 0 || b.rules.length === 0 || a.rules.some((rule) => b.rules.includes(rule));
}

/** Milliseconds of the window with all that touch it, or nearly do, one after the other. */
function stretchOf(wanted: Silence, others: readonly Silence[]): number {
  let [from, until] = [Date.parse(wanted.from), Date.parse(wanted.until)];
  let left = [...others];
  for (;;) {
    const touching = left.filter(
      (other) => Date.parse(other.from) <= until + LEAST_GAP && Date.parse(other.until) >= from - LEAST_GAP,
    );
    if (touching.length === 0) return until - from;
    left = left.filter((other) => !touching.includes(other));
    from = Math.min(from, ...touching.map((other) => Date.parse(other.from)));
    until = Math.max(until, ...touching.map((other) => Date.parse(other.until)));
  }
}

const lengthOf = ({ from, until }: Silence): number => Date.parse(until) - Date.parse(from);
