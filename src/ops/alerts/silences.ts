import { InputError } from "../../core/errors.ts";
import type { Severity } from "../monitors/rule.ts";
import type { AlertDatabase, Row } from "./database.ts";
import { isoTime, writeHistory } from "./history.ts";
import type { Silence } from "./silence.ts";

/** Windows that have not ended, also those that have not begun, the next to end first. */
export function currentSilences(database: AlertDatabase, now: number): Silence[] {
  return database.all("SELECT * FROM silences WHERE ends > ? ORDER BY ends, id", now).map(silenceOf);
}

export function addSilence(database: AlertDatabase, silence: Silence, now: number): void {
  const { id, rules, severities, from, until, reason, by } = silence;
  database.run(
    "INSERT INTO silences (id, rules, severities, starts, ends, reason, by, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    id,
    JSON.stringify(rules),
    JSON.stringify(severities),
    Date.parse(from),
    Date.parse(until),
    reason,
    by,
    now,
  );
  writeHistory(database, now, { kind: "silenced", id, by, reason, until, rules, severities });
}

/** @throws InputError when there is none with this id that has not ended. */
export function endSilence(database: AlertDatabase, id: string, by: string, now: number): void {
  database.transaction(() => {
    const ended = database.run("UPDATE silences SET ends = ? WHERE id = ? AND ends > ?", now, id, now);
    if (ended === 0)
      throw InputError.expected(
        "silence",
        "the id of one that has not ended",
        id,
        "npx proofx alerts silences",
      );
    writeHistory(database, now, { kind: "silence-ended", id, by });
  });
}

/** Whether there are windows whose end nobody has acted on yet. */
export function hasEnded(database: AlertDatabase, now: number): boolean {
  return database.first("SELECT 1 AS one FROM silences WHERE over = 0 AND ends <= ?", now) !== undefined;
}

/** Marks windows whose end is acted on, in the same transaction. */
export function takeEnded(database: AlertDatabase, now: number): void {
  database.run("UPDATE silences SET over = 1 WHERE over = 0 AND ends <= ?", now);
}

function silenceOf(row: Row): Silence {
  return {
    id: String(row.id),
    rules: JSON.parse(String(row.rules)) as string[],
    severities: JSON.parse(String(row.severities)) as Severity[],
    from: isoTime(Number(row.starts)),
    until: isoTime(Number(row.ends)),
    reason: String(row.reason),
    by: String(row.by),
    created: isoTime(Number(row.created)),
  };
}
