import { existsSync } from "node:fs";
import { UnavailableError } from "../../core/errors.ts";
import type { Severity } from "../monitors/rule.ts";
import type { AlertPhase } from "./alert.ts";
import { AlertDatabase, databasePath } from "./database.ts";

/** Something that happened, as the history tells it. Times are RFC 3339, UTC. */
export type HistoryEntry = {
  readonly at: string;
} & (
  | {
      /** An alert came to this phase. */
      readonly kind: AlertPhase;
      readonly key: string;
      readonly rule: string;
      readonly severity: Severity;
      readonly since: string;
      readonly summary: string;
      /** Who ended it, when that was done by hand. */
      readonly by?: string;
      /** Until when nobody was to be told. */
      readonly silencedUntil?: string;
    }
  | { readonly kind: "acknowledged"; readonly key: string; readonly by: string }
  | {
      readonly kind: "delivered" | "dead-letter";
      readonly key: string;
      readonly sink: string;
      readonly phase: AlertPhase | "acknowledged";
      /** Milliseconds from the queue to here. */
      readonly age: number;
      readonly attempts: number;
      readonly reason?: string;
    }
  | {
      readonly kind: "silenced" | "silence-ended";
      /** Of the silence. */
      readonly id: string;
      readonly by?: string;
      readonly reason?: string;
      readonly until?: string;
      /** Ids of the rules; none for every rule. */
      readonly rules?: readonly string[];
      readonly severities?: readonly Severity[];
    }
);

type WithoutTime<T> = T extends unknown ? Omit<T, "at"> : never;

export function writeHistory(database: AlertDatabase, at: number, entry: WithoutTime<HistoryEntry>): void {
  const { kind, ...rest } = entry;
  database.run(
    "INSERT INTO history (at, kind, key, body) VALUES (?, ?, ?, ?)",
    at,
    kind,
    "key" in entry ? entry.key : null,
    JSON.stringify(rest),
  );
}

/** Milliseconds since 1970; `until` is not part of it. */
export interface Period {
  readonly since?: number;
  readonly until?: number;
}

function historyOf(database: AlertDatabase, { since, until }: Period): HistoryEntry[] {
  return database
    .all(
      "SELECT at, kind, body FROM history WHERE at >= ? AND at < ? ORDER BY at, id",
      since ?? 0,
      until ?? Number.MAX_SAFE_INTEGER,
    )
    .map(({ at, kind, body }) => ({ at: isoTime(Number(at)), kind, ...JSON.parse(String(body)) }));
}

/**
 * Everything that happened in a period, in order; also while the watcher runs.
 *
 * @throws UnavailableError when there are no alerts in the folder.
 */
export function readHistory(folder: string, period: Period = {}): HistoryEntry[] {
  if (!existsSync(databasePath(folder)))
    throw new UnavailableError(`there are no alerts in ${folder}`, {
      next: "name the folder under [alerts] of the configuration; the watcher makes it",
    });
  const database = AlertDatabase.open(folder);
  try {
    return historyOf(database, period);
  } finally {
    database.close();
  }
}

export const isoTime = (milliseconds: number): string => new Date(milliseconds).toISOString();
