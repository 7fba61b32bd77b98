import { EXIT, type ExitCode } from "../../core/errors.ts";
import type { KeyInfo } from "../../core/ports.ts";
import type { KeysSettings } from "../settings.ts";
import { matchesPattern } from "./pattern.ts";
import type { Term } from "./terms.ts";
import { isBreach } from "./words.ts";

const DAY_MS = 86_400_000;

/** Where a key stands. `future`: it says it was made after now, so its file or our clock is wrong. */
export type DueStatus = "ok" | "soon" | "overdue" | "future" | "retired" | "unscheduled";

/** One key against the schedule. */
export interface DueKey {
  readonly name: string;
  readonly algorithm: KeyInfo["algorithm"];
  readonly createdAt: string;
  /** Whole days since. */
  readonly ageDays: number;
  readonly status: DueStatus;
  /** Purpose whose schedule it is on. */
  readonly purpose?: string;
  /** Days that the schedule gives it. */
  readonly days?: number;
  /** RFC 3339, UTC. */
  readonly dueAt?: string;
  /** The key that was made to replace it. */
  readonly successor?: string;
}

/** All keys against the schedule. */
export interface DueReport {
  /** RFC 3339, UTC: the moment ages are counted to. */
  readonly at: string;
  readonly keys: readonly DueKey[];
  /** Names on the schedule that no key has; a name with `*` may have none. */
  readonly missing: readonly string[];
}

/**
 * Holds each key's age against its purpose's schedule.
 *
 * A key that was replaced but not retired still counts: its role is still a door. Whoever is listed under two purposes
 * is held to the stricter.
 */
export function dueReport(
  keys: readonly KeyInfo[],
  rotations: { readonly successors: ReadonlyMap<string, string>; readonly retired: ReadonlySet<string> },
  schedule: KeysSettings["schedule"],
  now: Date,
): DueReport {
  const inUse = keys.filter(({ name }) => !rotations.retired.has(name));
  const named = Object.values(schedule).flatMap((entry) => entry.keys);
  return {
    at: now.toISOString(),
    keys: keys.map((key) => {
      const replacement = rotations.successors.get(key.name);
      const successor = replacement === undefined ? {} : { successor: replacement };
      const status = rotations.retired.has(key.name)
        ? { status: "retired" as const }
        : statusOf(key, schedule, now);
      const { name, algorithm, createdAt } = key;
      return { name, algorithm, createdAt, ageDays: ageOf(key, now), ...status, ...successor };
    }),
    missing: named.filter(
      (pattern) => !pattern.endsWith("*") && !inUse.some(({ name }) => matchesPattern(pattern, name)),
    ),
  };
}

/** Not `ok` when a key is overdue, has a time in the future, or is on the schedule and not there. */
export function dueExitCode({ keys, missing }: DueReport): ExitCode {
  const bad = keys.some(({ status }) => isBreach(status));
  return bad || missing.length > 0 ? EXIT.failed : EXIT.ok;
}

function statusOf(
  key: KeyInfo,
  schedule: KeysSettings["schedule"],
  now: Date,
): Pick<DueKey, "status" | "purpose" | "days" | "dueAt"> {
  const [strictest] = Object.entries(schedule)
    .filter(([, { keys }]) => keys.some((pattern) => matchesPattern(pattern, key.name)))
    .sort(([, a], [, b]) => a.days - b.days);
  if (strictest === undefined) return { status: "unscheduled" };
  const [purpose, term] = strictest;
  return { purpose, days: term.days, ...standingOf(Date.parse(key.createdAt), term, now) };
}

/** Where a key stands that was made, or registered, at a time in milliseconds since 1970; a day of clocks' difference is borne. */
export function standingOf(
  made: number,
  { days, warn_days: warnDays }: Term,
  now: Date,
): { readonly status: "ok" | "soon" | "overdue" | "future"; readonly dueAt: string } {
  const due = made + days * DAY_MS;
  const dueAt = new Date(due).toISOString();
  if (made > now.getTime() + DAY_MS) return { status: "future", dueAt };
  if (now.getTime() >= due) return { status: "overdue", dueAt };
  return { status: now.getTime() >= due - warnDays * DAY_MS ? "soon" : "ok", dueAt };
}

function ageOf({ createdAt }: KeyInfo, now: Date): number {
  return Math.floor((now.getTime() - Date.parse(createdAt)) / DAY_MS);
}
