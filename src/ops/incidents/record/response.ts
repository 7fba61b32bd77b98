import { RESPONSE_SECONDS, type Severity } from "../../monitors/rule.ts";
import type { IncidentRecord } from "./record.ts";

/** Classes of incidents as operations call them; the seeds' own table. */
export const CLASSES: Readonly<Record<Severity, { readonly name: string; readonly means: string }>> = {
  critical: { name: "P1", means: "service down, data breach, keys or contracts in other hands" },
  high: { name: "P2", means: "degraded performance, security issue" },
  medium: { name: "P3", means: "minor issue, no critical bug" },
  low: { name: "P4", means: "wish, documentation" },
};

/** How an incident was answered, against what its severity allows. Seconds. */
export interface Response {
  /** Allowed from noticing to the first act. */
  readonly allowed: number;
  /** RFC 3339. */
  readonly dueAt: string;
  /** From noticing to opening the record. */
  readonly openedAfter: number;
  /** From noticing to the first entry that somebody made; undefined while there is none. */
  readonly answeredAfter?: number;
  /** Undefined while it is open. */
  readonly closedAfter?: number;
  /** Whether the first act came in time; undefined while there is none and there still is time. */
  readonly inTime?: boolean;
}

/** @param now For one that nobody has answered yet. */
export function responseOf({ severity, since, entries }: IncidentRecord, now: Date): Response {
  const began = Date.parse(since);
  const after = (at: string): number => Math.round((Date.parse(at) - began) / 1000);
  const allowed = RESPONSE_SECONDS[severity];
  const first = entries.find(({ kind }) => kind !== "opened");
  const closed = entries.find(({ kind }) => kind === "closed");
  const late = now.getTime() > began + allowed * 1000;
  const inTime = first === undefined ? (late ? false : undefined) : after(first.at) <= allowed;
  return {
    allowed,
    dueAt: new Date(began + allowed * 1000).toISOString(),
    openedAfter: after(entries[0]?.at ?? since),
    ...(first === undefined ? {} : { answeredAfter: after(first.at) }),
    ...(closed === undefined ? {} : { closedAfter: after(closed.at) }),
    ...(inTime === undefined ? {} : { inTime }),
  };
}

/** Seconds as people say them: `2 h 5 min`. */
export function duration(seconds: number): string {
  const [d, h, m, s] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
    seconds % 60,
  ];
  if (d > 0) return h > 0 ? `${d} d ${h} h` : `${d} d`;
  if (h > 0) return m > 0 ? `${h} h ${m} min` : `${h} h`;
  return m > 0 ? (s > 0 ? `${m} min ${s} s` : `${m} min`) : `${s} s`;
}
