import { duration, table } from "../checks/support/table.ts";
import type { Failure, Need, Skip, SuiteResult } from "./results.ts";
import type { SuiteRun } from "./run-suite.ts";

/** Programs that may be missing even where PROOFX_NO_SKIP=1, each with its reason. */
const MAY_BE_MISSING: Readonly<Record<string, string>> = {};

/** The same result with every skip that is not excused turned into a failure. */
export function refuseSkips(
  result: SuiteResult,
  mayBeMissing: Readonly<Record<string, string>> = MAY_BE_MISSING,
): SuiteResult {
  const excused = (skip: Skip): boolean =>
    skip.need !== undefined && Object.hasOwn(mayBeMissing, skip.need.command);
  const refused = result.skips.filter((skip) => !excused(skip));
  const failures: Failure[] = refused.map((skip) => ({
    title: skip.title,
    detail: `skipped, and PROOFX_NO_SKIP=1 forbids that: ${reason(skip.need)}`,
  }));
  return { ...result, failures: [...result.failures, ...failures], skips: result.skips.filter(excused) };
}

function reason(need: Need | undefined): string {
  return need === undefined ? "the source says skip" : `${need.command} is missing; ${need.install}`;
}

/**
 * What is printed after the last suite: failures, times, what was left out, and the totals on the last line.
 *
 * @param seconds From the first suite's begin to the last one's end; suites may have run side by side.
 */
export function reportLines(runs: readonly SuiteRun[], seconds: number): string[] {
  return [
    ...runs.flatMap(failureLines),
    "",
    ...timeTable(runs, seconds),
    ...noteLines(runs),
    ...skipLines(runs.flatMap((run) => run.result.skips)),
    "",
    totals(runs.map((run) => run.result)),
  ];
}

/** `12 passed, 0 failed, 1 skipped`, the last line of every runner here; `.ci/run` adds such lines up. */
export function totals(results: readonly SuiteResult[]): string {
  const sum = (of: (result: SuiteResult) => number): number =>
    results.reduce((total, each) => total + of(each), 0);
  const passed = sum((result) => result.passed);
  const failed = sum((result) => result.failures.length);
  return `${passed} passed, ${failed} failed, ${sum((result) => result.skips.length)} skipped`;
}

function failureLines(run: SuiteRun): string[] {
  const { failures } = run.result;
  if (failures.length === 0) return [];
  const each = failures.flatMap(({ title, detail }) => ["", `  ${title}`, ...indent(detail, 20)]);
  return ["", `${run.suite.name}: ${failures.length} failed, all of it in ${run.logFile}`, ...each];
}

function indent(text: string, most: number): string[] {
  const lines = text.split("\n");
  const shown = lines.slice(0, most).map((line) => `    ${line}`);
  return lines.length > most ? [...shown, `    ... ${lines.length - most} lines more`] : shown;
}

function timeTable(runs: readonly SuiteRun[], wall: number): string[] {
  const rows = runs.map(({ suite, result, seconds }) => [
    suite.name,
    duration(seconds),
    String(result.passed),
    String(result.failures.length),
    String(result.skips.length),
  ]);
  return table(
    [["suite", "time", "passed", "failed", "skipped"], ...rows, ["all", duration(wall)]],
    [1, 2, 3, 4],
  );
}

function noteLines(runs: readonly SuiteRun[]): string[] {
  const notes = runs.flatMap((run) => run.result.notes ?? []);
  return notes.length === 0 ? [] : ["", "Notes", ...notes.map((note) => `  ${note}`)];
}

function skipLines(skips: readonly Skip[]): string[] {
  if (skips.length === 0) return [];
  const installs = new Set(skips.flatMap((skip) => (skip.need === undefined ? [] : [skip.need.install])));
  const listed = skips.map(
    (skip) => `  ${skip.title} (${skip.need?.command ?? "marked skip in the source"})`,
  );
  const install =
    installs.size === 0 ? [] : ["Install what is missing with", ...[...installs].map((line) => `  ${line}`)];
  return ["", "Skipped", ...listed, ...install];
}
