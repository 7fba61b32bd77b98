import { oneLine } from "../../alerts/text.ts";
import type { Affected } from "./affected.ts";
import type { IncidentRecord } from "./record.ts";
import { CLASSES, duration, responseOf } from "./response.ts";
import type { Moment } from "./timeline.ts";

/** What a report is made of. */
export interface ReportParts {
  readonly record: IncidentRecord;
  readonly timeline: readonly Moment[];
  readonly affected: readonly Affected[];
  /** Sources that could not be read, and why. */
  readonly missing: readonly string[];
  /** Whether the log's own copy of the entries was compared: how many are there and the same. */
  readonly inLog: { readonly same: number; readonly pending: number } | undefined;
  readonly now: Date;
}

/** The report in Markdown. Whatever people wrote is text in it, never markup. */
export function reportMarkdown({ record, timeline, affected, missing, inLog, now }: ReportParts): string {
  const response = responseOf(record, now);
  const { name, means } = CLASSES[record.severity];
  const opened = record.entries[0];
  const closed = record.entries.find(({ kind }) => kind === "closed");
  const facts: readonly (readonly [string, string])[] = [
    ["Severity", `${record.severity} (${name}: ${means})`],
    ["Noticed", record.since],
    ["Opened", `${opened?.at ?? ""}, ${duration(response.openedAfter)} after`],
    [
      "First act",
      response.answeredAfter === undefined ? "none yet" : `${duration(response.answeredAfter)} after`,
    ],
    ["Allowed", `${duration(response.allowed)}, until ${response.dueAt}${verdict(response.inTime)}`],
    ["Closed", closed === undefined ? "no" : `${closed.at}, ${duration(response.closedAfter ?? 0)} after`],
    [
      "In the log",
      inLog === undefined
        ? "not compared"
        : `${inLog.same} of ${record.entries.length} entries, compared; ${inLog.pending} wait`,
    ],
  ];
  return [
    `# Incident ${record.id}: ${plain(record.title)}`,
    `Written ${now.toISOString()}. All times are UTC.`,
    table(
      ["", ""],
      facts.map(([what, value]) => [what, plain(value)]),
    ),
    "## What happened",
    plain(opened?.text ?? ""),
    "## Who is affected",
    affected.length === 0
      ? "Nobody was found or named."
      : affected.map(({ who, why }) => `- ${plain(who)}: ${plain(why)}`).join("\n"),
    "## Timeline",
    table(
      ["Time", "Source", "What"],
      timeline.map(({ at, source, what }) => [at, source, plain(what)]),
    ),
    "## How it ended",
    closed === undefined ? "It is open." : plain(closed.text),
    ...(missing.length === 0
      ? []
      : ["## What this report lacks", missing.map((each) => `- ${plain(each)}`).join("\n")]),
    "",
  ].join("\n\n");
}

const verdict = (inTime: boolean | undefined): string =>
  inTime === undefined ? "" : inTime ? ": in time" : ": LATE";

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/**
 * Text that Markdown and HTML leave as it is: every mark is escaped, also those that make a link of an address, or a list or a
 * heading of a line; line breaks, control characters and marks that turn the direction are spaces.
 */
function plain(text: string): string {
  return oneLine(text)
    .replace(/\s+/g, " ")
    .trim()
    .replace(/[\\`*_{}[\]<>#|&!~@]|:(?=\/\/)|(?<=www)\.|^[-+=]|(?<=^\d+)[.)]/gi, (mark) => `\\${mark}`);
}
