import { rmSync } from "node:fs";
import { join } from "node:path";
import { projectEnv, type Ran, ROOT, run } from "../checks/support/process.ts";
import { type Failure, RESULT_FILE, readResult, type SuiteResult, sumResults } from "./results.ts";
import type { Part, Suite } from "./suites.ts";

/** A suite that hangs is ended after this long. */
const LIMIT_SECONDS = 1_800;
/** Before suites of any lane: the story's is the longest, so a processor is its own, and the others share what is left. */
const BEHIND = process.platform === "win32" ? [] : ["nice", "-n", "5"];

export interface SuiteRun {
  readonly suite: Suite;
  readonly result: SuiteResult;
  readonly seconds: number;
  /** Relative to the root: all that the suite printed. */
  readonly logFile: string;
}

/** Runs all parts of a suite; `onText` gets what they print. */
export async function runSuite(
  suite: Suite,
  onText: (text: string) => void,
  root: string = ROOT,
): Promise<SuiteRun> {
  const logFile = `build/test/${suite.name}.log`;
  rmSync(join(root, logFile), { force: true });
  const started = performance.now();
  const results: SuiteResult[] = [];
  for (const [i, part] of suite.parts.entries()) {
    results.push(
      await runPart(
        { part, before: suite.lane === "any" ? BEHIND : [] },
        join(root, `build/test/${suite.name}-${i + 1}.json`),
        join(root, logFile),
        onText,
        root,
      ),
    );
  }
  return { suite, result: sumResults(results), seconds: (performance.now() - started) / 1000, logFile };
}

async function runPart(
  { part, before }: { readonly part: Part; readonly before: readonly string[] },
  resultFile: string,
  logFile: string,
  onText: (text: string) => void,
  root: string,
): Promise<SuiteResult> {
  rmSync(resultFile, { force: true });
  const { FORCE_COLOR: _, ...base } = projectEnv(root);
  const env = {
    ...base,
    NO_COLOR: "1",
    [RESULT_FILE]: resultFile,
    // Tests start hundreds of commands that load the same code: compiled once, each costs a third less.
    NODE_COMPILE_CACHE: join(root, "build/compiled"),
  };
  const ran = await run([...before, process.execPath, ...part.args], {
    cwd: root,
    env,
    logFile,
    onText,
    timeoutSeconds: LIMIT_SECONDS,
  });
  return judge(part, ran, readResult(resultFile));
}

/** Adds what the counts alone do not tell: a crash, a hang, a process left behind, a suite without a test. */
export function judge(part: Part, ran: Ran, counted: SuiteResult | undefined): SuiteResult {
  const result = counted ?? { passed: 0, failures: [], skips: [] };
  const title = part.args.slice(0, 3).join(" ");
  const faults: Failure[] = [];
  const add = (what: string): void => void faults.push({ title, detail: `${what}\n${tail(ran.output)}` });
  if (ran.timedOut) add(`not finished after ${LIMIT_SECONDS} s`);
  else if (counted === undefined) add(`ended with ${ran.code} before it reported`);
  else if (ran.code !== 0 && result.failures.length === 0) add(`ended with ${ran.code}`);
  else if (result.passed + result.failures.length + result.skips.length === 0) add("has no test");
  if (ran.leftProcesses) add("left processes running");
  return { ...result, failures: [...result.failures, ...faults] };
}

function tail(output: string): string {
  return output.trimEnd().split("\n").slice(-15).join("\n");
}
