import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Where a suite's process writes its `SuiteResult`; set by the runner, absent when a suite is run by hand. */
export const RESULT_FILE = "PROOFX_RESULT_FILE";

/** Under this key `needs()` leaves on a mocha test or group what was missing, and the reporter finds it. */
export const MISSING = Symbol.for("proofx.missing");

/** A program that a test wants from the machine. */
export interface Need {
  /** Name of the program as it is looked up on PATH. */
  readonly command: string;
  /** The exact line that installs it. */
  readonly install: string;
}

export interface Skip {
  readonly title: string;
  /** Undefined when the source itself says `skip`. */
  readonly need?: Need;
}

export interface Failure {
  readonly title: string;
  readonly detail: string;
}

export interface SuiteResult {
  readonly passed: number;
  readonly failures: readonly Failure[];
  readonly skips: readonly Skip[];
  /** What a reader should know although it is neither: a documentation block that is not run, and why. */
  readonly notes?: readonly string[];
}

export function sumResults(results: readonly SuiteResult[]): SuiteResult {
  return {
    passed: results.reduce((sum, each) => sum + each.passed, 0),
    failures: results.flatMap((each) => each.failures),
    skips: results.flatMap((each) => each.skips),
    notes: results.flatMap((each) => each.notes ?? []),
  };
}

/** Writes the result where the runner asked for it; does nothing when run by hand. */
export function reportResult(result: SuiteResult): void {
  const file = process.env[RESULT_FILE];
  if (file === undefined) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
}

/** The result a suite's process wrote, or undefined when it ended before it could. */
export function readResult(file: string): SuiteResult | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as SuiteResult;
  } catch {
    return undefined;
  }
}
