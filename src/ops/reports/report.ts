/** One subject of a report. */
export interface ReportSection {
  readonly title: string;
  /** Figures and facts, in the order in which they are read. */
  readonly facts: readonly ReportFact[];
  /** What somebody has to do about it; nothing when all is well. */
  readonly todo: readonly string[];
  /** Why there is nothing to read, where that is so: not configured, or not to be found out. */
  readonly missing?: string;
}

export interface ReportFact {
  readonly name: string;
  readonly value: string;
}

export const REPORT_KINDS = ["daily", "weekly", "monthly"] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];

/** Days that each report looks back. */
export const REPORT_DAYS: Readonly<Record<ReportKind, number>> = { daily: 1, weekly: 7, monthly: 30 };

/** What a person reads in the morning, once a week, or once a month. */
export interface Report {
  readonly kind: ReportKind;
  /** RFC 3339, UTC; `to` is when it was made. */
  readonly from: string;
  readonly to: string;
  /** Nothing is to do. What could not be looked at is something to do. */
  readonly ok: boolean;
  readonly sections: readonly ReportSection[];
}

/** Puts a report together. @param now Milliseconds since 1970. */
export function reportOf(kind: ReportKind, sections: readonly ReportSection[], now: number): Report {
  return {
    kind,
    from: new Date(now - REPORT_DAYS[kind] * 86_400_000).toISOString(),
    to: new Date(now).toISOString(),
    ok: sections.every(({ todo }) => todo.length === 0),
    sections,
  };
}

/** The report as Markdown, what is to do first. */
export function markdownOf({ kind, from, to, sections }: Report): string[] {
  const todo = sections.flatMap(({ title, todo: each }) => each.map((text) => `- [ ] ${title}: ${text}`));
  return [
    `# ${kind[0]?.toUpperCase()}${kind.slice(1)} report, ${to.slice(0, 10)}`,
    "",
    `From ${from} to ${to}.`,
    "",
    ...(todo.length === 0 ? ["Nothing is to do."] : ["## To do", "", ...todo]),
    ...sections.flatMap(sectionLines),
  ];
}

function sectionLines({ title, facts, missing }: ReportSection): string[] {
  const lines = ["", `## ${title}`, ""];
  if (missing !== undefined) lines.push(missing, ...(facts.length === 0 ? [] : [""]));
  if (facts.length === 0) return lines;
  return [
    ...lines,
    "| what | figure |",
    "|---|---|",
    ...facts.map(({ name, value }) => `| ${cell(name)} | ${cell(value)} |`),
  ];
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");
