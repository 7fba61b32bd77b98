import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Fault } from "../support/sources.ts";

/** A finding that was looked at and is no fault. */
export interface Answer {
  /** Slither's name of the detector. */
  readonly rule: string;
  readonly file: string;
  /** The line it points at, so that a changed line is looked at again. */
  readonly line: string;
  readonly answer: string;
}

/** A detector whose findings are no faults anywhere in this source. */
export interface RuleAnswer {
  readonly rule: string;
  readonly everywhere: true;
  readonly answer: string;
}

/** The part of Slither's JSON that is read. */
export interface SlitherReport {
  readonly success: boolean;
  readonly error: string | null;
  readonly results: { readonly detectors?: readonly Detected[] };
}

interface Detected {
  readonly check: string;
  readonly description: string;
  readonly elements: readonly {
    readonly type: string;
    readonly source_mapping: { readonly filename_relative: string; readonly lines: readonly number[] };
  }[];
}

/** A fault whose line's text is known. */
interface Finding extends Fault {
  readonly text: string;
}

/** What is not answered, and what is answered but not found any more. */
export function judgeFindings(
  root: string,
  report: SlitherReport,
  answers: readonly (Answer | RuleAnswer)[],
): Fault[] {
  const findings = (report.results.detectors ?? []).map((each) => findingOf(root, each));
  const answered = (finding: Finding, answer: Answer | RuleAnswer): boolean =>
    answer.rule === finding.rule &&
    ("everywhere" in answer || (answer.file === finding.file && answer.line === finding.text));
  const unanswered = findings.filter((finding) => !answers.some((answer) => answered(finding, answer)));
  const stale = answers.filter((answer) => !findings.some((finding) => answered(finding, answer)));
  return [
    ...unanswered.map(({ text: _, ...fault }) => fault),
    ...stale.map((answer) => ({
      file: "file" in answer ? answer.file : "contracts",
      line: 1,
      rule: answer.rule,
      message: "is answered but not found any more",
    })),
  ];
}

/** A finding is where its statement is, or else the first thing that it names. */
function findingOf(root: string, { check, description, elements }: Detected): Finding {
  const place = elements.find(({ type }) => type === "node") ?? elements[0];
  const file = place?.source_mapping.filename_relative ?? "contracts";
  const line = place?.source_mapping.lines[0] ?? 1;
  const text =
    place === undefined ? "" : (readFileSync(join(root, file), "utf8").split("\n")[line - 1] ?? "");
  return { file, line, rule: check, message: description.trim().replace(/\s+/g, " "), text: text.trim() };
}
