import { InputError } from "../../core/errors.ts";
import {
  type AlertFigures,
  type AlertRecord,
  type AlertSummary,
  type HistoryEntry,
  readHistory,
  type Silence,
  summarise,
} from "../../ops/alerts/index.ts";
import { oneLine } from "../../ops/alerts/text.ts";
import { SEVERITIES } from "../../ops/monitors/rule.ts";
import { type CommandResult, print } from "../output.ts";
import { parseDuration } from "./duration.ts";
import { alertsSettings, type ConfigOption, look } from "./open.ts";

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;

/** `alerts list` */
export async function list(options: ConfigOption): Promise<void> {
  const records = await look(options, (alerts) => alerts.records());
  const lines = records.flatMap(linesOf);
  print(
    { data: { alerts: records }, lines: lines.length === 0 ? ["Nothing is open."] : shown(lines) },
    options.json,
  );
}

/** Keys name what strangers named. */
const shown = (lines: readonly string[]): string[] => lines.map(oneLine);

function linesOf({ alert, acknowledged, silencedUntil }: AlertRecord): string[] {
  const { severity, phase, since, summary, key, runbook } = alert;
  const notes = [
    ...(phase === "unconfirmed" ? ["unconfirmed"] : []),
    ...(acknowledged === undefined ? [] : [`${acknowledged.by} looks after it`]),
    ...(silencedUntil === undefined ? [] : [`silenced until ${silencedUntil}`]),
  ];
  return [
    `${severity.padEnd(8)} ${since}  ${key}${notes.length === 0 ? "" : `  (${notes.join("; ")})`}`,
    `         ${summary}`,
    `         ${runbook}`,
  ];
}

/** `alerts silences` */
export async function silences(options: ConfigOption): Promise<void> {
  const all = await look(options, (alerts) => alerts.silences());
  const lines = all.map(silenceLine);
  print(
    { data: { silences: all }, lines: lines.length === 0 ? ["Nothing is silenced."] : shown(lines) },
    options.json,
  );
}

export function silenceLine({ id, rules, severities, from, until, by, reason }: Silence): string {
  const what = [
    rules.length === 0 ? "every rule" : rules.join(", "),
    severities.length === 0 ? "every severity" : severities.join(", "),
  ].join(", ");
  return `${id}  ${from} to ${until}  ${what}: ${reason} (${by})`;
}

interface PeriodOptions extends ConfigOption {
  readonly last: string;
}

/** `alerts history` */
export async function history(options: PeriodOptions): Promise<void> {
  const { folder } = alertsSettings(options);
  const entries = readHistory(folder, { since: Date.now() - parseDuration("--last", options.last) });
  print({ data: { entries }, lines: shown(entries.map(historyLine)) }, options.json);
}

function historyLine(entry: HistoryEntry): string {
  const { at, kind } = entry;
  return `${at}  ${kind.padEnd(13)}  ${wordsOf(entry)}`;
}

function wordsOf(entry: HistoryEntry): string {
  switch (entry.kind) {
    case "delivered":
      return `${entry.phase} ${entry.key} to ${entry.sink} after ${entry.age} ms`;
    case "dead-letter":
      return `${entry.phase} ${entry.key} to ${entry.sink}: ${entry.reason ?? "given up"}`;
    case "acknowledged":
      return `${entry.key} by ${entry.by}`;
    case "silenced":
    case "silence-ended":
      return [entry.id, entry.reason, entry.by && `(${entry.by})`].filter(Boolean).join(" ");
    default:
      return `${entry.severity} ${entry.key}: ${entry.summary}${entry.by === undefined ? "" : ` (by ${entry.by})`}`;
  }
}

/** `alerts summary` */
export async function summary(options: PeriodOptions): Promise<void> {
  const now = Date.now();
  const since = now - parseDuration("--last", options.last);
  const { folder } = alertsSettings(options);
  const { records, figures, windows } = await look(options, (alerts) => ({
    records: alerts.records(),
    figures: alerts.figures(),
    windows: alerts.silences(),
  }));
  const period = summarise(readHistory(folder, { since }), { since, until: now + 1 }, now);
  const result: CommandResult = {
    data: { ...period, active: records, figures, silences: windows },
    lines: shown([
      ...beganLines(period),
      ...records.flatMap(linesOf),
      ...sinkLines(period, figures),
      ...windows.map((window) => `silenced: ${silenceLine(window)}`),
    ]),
  };
  print(result, options.json);
}

function beganLines({ since, until, began, rules }: AlertSummary): string[] {
  const total = SEVERITIES.reduce((sum, severity) => sum + began[severity], 0);
  const counts = SEVERITIES.filter((severity) => began[severity] > 0).map(
    (severity) => `${began[severity]} ${severity}`,
  );
  return [
    `${plural(total, "alert")} from ${since} to ${until}${counts.length === 0 ? "" : `: ${counts.join(", ")}`}`,
    ...rules.map(
      ({ rule, severity, began: count, resolved, retracted, inTime, late }) =>
        `  ${severity.padEnd(8)} ${rule}: ${count} (${resolved} resolved, ${retracted} retracted; answered in time ${inTime}, late ${late})`,
    ),
  ];
}

function sinkLines({ sinks }: AlertSummary, figures: AlertFigures): string[] {
  const names = new Set([...sinks.map(({ sink }) => sink), ...Object.keys(figures.sinks)]);
  return [...names].map((name) => {
    const told = sinks.find(({ sink }) => sink === name);
    const now = figures.sinks[name];
    const times = told?.middle === undefined ? "" : ` (middle ${told.middle} ms, longest ${told.longest} ms)`;
    const waits = now === undefined || now.queued === 0 ? "" : `, ${now.queued} wait since ${now.oldest} s`;
    const dead =
      now === undefined || now.deadLetters === 0 ? "" : `, ${plural(now.deadLetters, "dead letter")}`;
    return `  ${name}: ${told?.delivered ?? 0} delivered${times}${waits}${dead}`;
  });
}

/** `alerts dead-letters` */
export async function deadLetters(options: ConfigOption): Promise<void> {
  const letters = await look(options, (alerts) => alerts.deadLetters());
  const lines = letters.map(
    ({ id, alert, sink, reason }) => `${id}  ${alert.phase} ${alert.key} to ${sink}: ${reason}`,
  );
  print(
    {
      data: { deadLetters: letters },
      lines: lines.length === 0 ? ["There are no dead letters."] : shown(lines),
      exitCode: letters.length === 0 ? 0 : 1,
    },
    options.json,
  );
}

/** @throws InputError unless there is exactly one of the two. */
export function lettersWanted(
  ids: readonly string[],
  all: boolean | undefined,
): readonly string[] | undefined {
  if (ids.length > 0 === (all === true))
    throw InputError.expected("dead letters", "their ids, or --all", ids.length === 0 ? "neither" : "both");
  return all === true ? undefined : ids;
}
