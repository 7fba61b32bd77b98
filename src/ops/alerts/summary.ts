import { RESPONSE_SECONDS, SEVERITIES, type Severity } from "../monitors/rule.ts";
import type { HistoryEntry } from "./history.ts";

/** What a period brought. */
export interface AlertSummary {
  /** RFC 3339, UTC; `until` is not part of it. */
  readonly since: string;
  readonly until: string;
  /** Alerts that began, by severity. */
  readonly began: Readonly<Record<Severity, number>>;
  readonly rules: readonly RuleSummary[];
  readonly sinks: readonly SinkSummary[];
  /** Maintenance windows that were made. */
  readonly silences: number;
}

export interface RuleSummary {
  readonly rule: string;
  readonly severity: Severity;
  readonly began: number;
  /** Of those: over by now, and not real after a reorganisation. */
  readonly resolved: number;
  readonly retracted: number;
  /** Of those: somebody acknowledged or ended it, or it was over, within the time that its severity allows. */
  readonly inTime: number;
  /** Of those: nobody did, and the time has passed. */
  readonly late: number;
}

export interface SinkSummary {
  readonly sink: string;
  readonly delivered: number;
  readonly deadLetters: number;
  /** Milliseconds from the queue to the receiver, the middle one and the longest; absent without any. */
  readonly middle?: number;
  readonly longest?: number;
}

interface Course {
  readonly rule: string;
  readonly severity: Severity;
  readonly began: number;
  retracted: boolean;
  resolved: boolean;
  /** When somebody first did something about it, or it was over. */
  answered?: number;
}

/**
 * Sums up a period.
 *
 * @param history Entries from the period's beginning on, until now.
 * @param period Milliseconds since 1970.
 */
export function summarise(
  history: readonly HistoryEntry[],
  { since, until }: { readonly since: number; readonly until: number },
  now: number,
): AlertSummary {
  const courses = coursesOf(history).filter(({ began }) => began >= since && began < until);
  const within = history.filter(({ at }) => Date.parse(at) >= since && Date.parse(at) < until);
  const began = Object.fromEntries(
    SEVERITIES.map((severity) => [severity, courses.filter((course) => course.severity === severity).length]),
  ) as Record<Severity, number>;
  return {
    since: new Date(since).toISOString(),
    until: new Date(until).toISOString(),
    began,
    rules: rulesOf(courses, now),
    sinks: sinksOf(within),
    silences: within.filter(({ kind }) => kind === "silenced").length,
  };
}

/** Every alert from its beginning to its end; one that comes back is another one. */
function coursesOf(history: readonly HistoryEntry[]): Course[] {
  const all: Course[] = [];
  const running = new Map<string, Course>();
  for (const entry of history) {
    if (!("key" in entry) || entry.kind === "delivered" || entry.kind === "dead-letter") continue;
    const at = Date.parse(entry.at);
    const course = running.get(entry.key);
    if (entry.kind === "acknowledged") {
      if (course !== undefined) course.answered ??= at;
    } else if (entry.kind === "unconfirmed" || entry.kind === "open") {
      if (course !== undefined) continue;
      const { rule, severity } = entry;
      const begun: Course = { rule, severity, began: at, retracted: false, resolved: false };
      running.set(entry.key, begun);
      all.push(begun);
    } else if (course !== undefined) {
      course.answered ??= at;
      course[entry.kind === "resolved" ? "resolved" : "retracted"] = true;
      running.delete(entry.key);
    }
  }
  return all;
}

function rulesOf(courses: readonly Course[], now: number): RuleSummary[] {
  const byRule = Map.groupBy(courses, ({ rule }) => rule);
  const summaries = [...byRule].map(([rule, those]): RuleSummary => {
    const severity = those[0]?.severity ?? "critical";
    const allowed = RESPONSE_SECONDS[severity] * 1000;
    const took = those.map(({ began, answered }) => ({ time: (answered ?? now) - began, answered }));
    return {
      rule,
      severity,
      began: those.length,
      resolved: those.filter(({ resolved }) => resolved).length,
      retracted: those.filter(({ retracted }) => retracted).length,
      inTime: took.filter(({ time, answered }) => answered !== undefined && time <= allowed).length,
      late: took.filter(({ time }) => time > allowed).length,
    };
  });
  return summaries.sort(
    (a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || b.began - a.began,
  );
}

function sinksOf(history: readonly HistoryEntry[]): SinkSummary[] {
  const tries = history.flatMap((entry) =>
    entry.kind === "delivered" || entry.kind === "dead-letter" ? [entry] : [],
  );
  return [...Map.groupBy(tries, ({ sink }) => sink)].map(([sink, those]) => {
    const ages = those
      .filter(({ kind }) => kind === "delivered")
      .map(({ age }) => age)
      .sort((a, b) => a - b);
    const middle = ages[Math.floor((ages.length - 1) / 2)];
    const longest = ages.at(-1);
    return {
      sink,
      delivered: ages.length,
      deadLetters: those.length - ages.length,
      ...(middle === undefined ? {} : { middle }),
      ...(longest === undefined ? {} : { longest }),
    };
  });
}
