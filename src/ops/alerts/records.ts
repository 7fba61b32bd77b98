import { InputError } from "../../core/errors.ts";
import { SEVERITIES, type Severity } from "../monitors/rule.ts";
import type { Acknowledgement, Alert, AlertPhase, Sink } from "./alert.ts";
import type { AlertDatabase, Row } from "./database.ts";
import { isoTime } from "./history.ts";
import { cut, oneLine } from "./text.ts";

/** PagerDuty takes no longer `dedup_key` and `summary`; both limits hold for all sinks. */
const KEY_LIMIT = 255;
const SUMMARY_LIMIT = 1024;
/** Of one label or detail. */
const VALUE_LIMIT = 1024;

/** An alert as it is kept. */
export interface StoredAlert {
  readonly alert: Alert;
  /** Milliseconds since 1970. */
  readonly changed: number;
  readonly acknowledged?: Acknowledgement;
}

export const isActive = (phase: AlertPhase): boolean => phase === "unconfirmed" || phase === "open";

/** Whether it may be the first that anybody hears of its key. */
const isFirst = (phase: AlertPhase): boolean => isActive(phase) || phase === "notice";

/** Whether a sink is told of an alert's beginning, or of a notice. */
export function isFor(sink: Sink, alert: Alert): boolean {
  if (alert.phase === "notice" && sink.onlyLasting === true) return false;
  return sink.takes?.(alert) ?? true;
}

/** 0 for the most urgent. */
export const urgencyOf = (severity: Severity): number => SEVERITIES.indexOf(severity);

/**
 * An alert within the limits: what is longer is cut, and every text is one line.
 *
 * @throws InputError for a key that receivers would not tell from another, or that is empty.
 */
export function withinLimits(alert: Alert): Alert {
  if (alert.key === "" || alert.key.length > KEY_LIMIT)
    throw InputError.expected("alert: key", `1 to ${KEY_LIMIT} characters`, alert.key);
  return {
    ...alert,
    summary: cut(oneLine(alert.summary), SUMMARY_LIMIT),
    labels: tidy(alert.labels),
    details: tidy(alert.details),
  };
}

function tidy(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [oneLine(name), cut(oneLine(value), VALUE_LIMIT)]),
  );
}

export function findAlert(database: AlertDatabase, key: string): StoredAlert | undefined {
  const row = database.first("SELECT * FROM alerts WHERE key = ?", key);
  return row === undefined ? undefined : storedAlert(row);
}

/** Those that are not over, the most urgent first, then the oldest. */
export function activeAlerts(database: AlertDatabase): StoredAlert[] {
  return database
    .all("SELECT * FROM alerts WHERE phase IN ('unconfirmed', 'open')")
    .map(storedAlert)
    .sort(
      ({ alert: a }, { alert: b }) =>
        urgencyOf(a.severity) - urgencyOf(b.severity) || compare(a.since, b.since) || compare(a.key, b.key),
    );
}

/** A new phase; whether somebody looks after it is known for as long as it lasts. */
export function keepAlert(database: AlertDatabase, alert: Alert, now: number, begins: boolean): void {
  database.run(
    `INSERT INTO alerts (key, rule, severity, phase, since, body, changed) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET rule = excluded.rule, severity = excluded.severity, phase = excluded.phase,
       since = excluded.since, body = excluded.body, changed = excluded.changed`,
    alert.key,
    alert.rule,
    alert.severity,
    alert.phase,
    alert.since,
    JSON.stringify(alert),
    now,
  );
  if (begins)
    database.run("UPDATE alerts SET acknowledged_by = NULL, acknowledged_at = NULL WHERE key = ?", alert.key);
}

/** The same alert in another place; when it changed stays as it was. */
export function keepMoved(database: AlertDatabase, alert: Alert): void {
  const { key, since } = alert;
  database.run("UPDATE alerts SET since = ?, body = ? WHERE key = ?", since, JSON.stringify(alert), key);
}

export function keepAcknowledgement(database: AlertDatabase, key: string, by: string, now: number): void {
  database.run("UPDATE alerts SET acknowledged_by = ?, acknowledged_at = ? WHERE key = ?", by, now, key);
}

/**
 * Whether an alert says something new. What comes again after a crash does not: an earlier phase, or an event that somebody
 * has ended by hand. A state that comes back after its end has a later beginning, and a block that comes back after a
 * reorganisation brings its alerts again.
 */
export function isNews(known: Alert | undefined, next: Alert): boolean {
  if (known === undefined) return isFirst(next.phase);
  if (known.phase === next.phase) return false;
  switch (known.phase) {
    case "unconfirmed":
      return true;
    case "open":
      return next.phase !== "unconfirmed";
    case "retracted":
      return isActive(next.phase);
    case "notice":
      return false;
    case "resolved":
      return next.phase === "retracted" || Date.parse(next.since) > Date.parse(known.since);
  }
}

/**
 * What is to be kept of an alert that is no news: after a reorganisation its transaction stands in another block, and by the old
 * one it would be taken for undone. Undefined where nothing changes.
 */
export function movedAlert(known: Alert | undefined, next: Alert): Alert | undefined {
  if (known === undefined || !isActive(known.phase) || !isActive(next.phase)) return undefined;
  if (known.details.blockHash === next.details.blockHash) return undefined;
  return { ...next, phase: known.phase };
}

function storedAlert(row: Row): StoredAlert {
  const alert = JSON.parse(String(row.body)) as Alert;
  const stored = { alert, changed: Number(row.changed) };
  if (row.acknowledged_by === null || row.acknowledged_by === undefined) return stored;
  const acknowledged = { by: String(row.acknowledged_by), at: isoTime(Number(row.acknowledged_at)) };
  return { ...stored, acknowledged };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
