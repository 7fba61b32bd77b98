import type { DueStatus } from "./schedule.ts";

/** What words are said about; a `DueKey` is one. */
export interface Standing {
  readonly status: DueStatus;
  readonly purpose?: string | undefined;
  /** Days that it may be in use. */
  readonly days?: number | undefined;
  /** RFC 3339, UTC. */
  readonly dueAt?: string | undefined;
  readonly successor?: string | undefined;
}

/** What is said of a name on the schedule that no key in use has. */
export const MISSING = "is on the schedule, and no key in use has the name";

/** Where a key stands, in the words of every command, report and alert: `OVERDUE since 2026-04-01 (signers, 90 days)`. */
export function dueWords({ status, purpose, days, dueAt, successor }: Standing): string {
  const day = dueAt?.slice(0, 10);
  const about = `(${purpose}, ${days} ${days === 1 ? "day" : "days"})${successor === undefined ? "" : `; "${successor}" waits to take over`}`;
  switch (status) {
    case "ok":
      return `due ${day} ${about}`;
    case "soon":
      return `DUE SOON, ${day} ${about}`;
    case "overdue":
      return `OVERDUE since ${day} ${about}`;
    case "future":
      return "says it was made in the future: its time or this clock is wrong";
    case "retired":
      return `retired; "${successor}" took over`;
    case "unscheduled":
      return "on no schedule";
  }
}

/** Whether a key that stands so is a failure: it is too old, or nobody can tell how old it is. */
export const isBreach = (status: DueStatus): boolean => status === "overdue" || status === "future";
