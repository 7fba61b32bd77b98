import { parseArgs } from "node:util";
import { run } from "../checks/support/process.ts";
import { table } from "../checks/support/table.ts";
import { Progress } from "./progress.ts";
import { refuseSkips, reportLines } from "./report.ts";
import { runSuite, type SuiteRun } from "./run-suite.ts";
import { allSuites, type Suite } from "./suites.ts";

const HELP = `npm test [-- SUITE...]

Runs every suite, check first, or only the named ones. All that a suite prints is in build/test/SUITE.log.

${table(allSuites().map((suite) => [`  ${suite.name}`, suite.shows])).join("\n")}

  --list      names only
  --verbose   print what the suites print
  --help      this text

PROOFX_NO_SKIP=1 makes a skipped test a failure. CI=true refuses a forgotten .only.`;

const { values, positionals } = parseArgs({
  options: {
    help: { type: "boolean", short: "h" },
    list: { type: "boolean" },
    verbose: { type: "boolean", short: "v" },
  },
  allowPositionals: true,
});

if (values.help === true) console.log(HELP);
else if (values.list === true)
  console.log(
    allSuites()
      .map((suite) => suite.name)
      .join("\n"),
  );
else process.exitCode = await main(positionals, values.verbose === true);

/** Exit code: 0 when all passed, 1 when something failed, 2 for a name that is no suite. */
async function main(names: readonly string[], verbose: boolean): Promise<number> {
  const suites = allSuites();
  const unknown = names.find((name) => !suites.some((suite) => suite.name === name));
  if (unknown !== undefined) {
    console.error(`suite: expected one of ${suites.map((suite) => suite.name).join(", ")}, got "${unknown}"`);
    return 2;
  }
  const chosen = suites.filter((suite) => names.length === 0 || names.includes(suite.name));
  if (!chosen.some((suite) => suite.name === "check") && !(await built())) return 1;
  const runs: SuiteRun[] = [];
  for (const [i, suite] of chosen.entries()) {
    runs.push(await showSuite(suite, `[${i + 1}/${chosen.length}] ${suite.name}`, verbose));
  }
  console.log(reportLines(runs).join("\n"));
  return runs.some((each) => each.result.failures.length > 0) ? 1 : 0;
}

/** Suites read compiled contracts; `check` compiles them, so this is for a run without it. */
async function built(): Promise<boolean> {
  const ran = await run(["hardhat", "build"]);
  if (ran.code !== 0) console.error(`The contracts do not compile:\n${ran.output}\nAgain: npx hardhat build`);
  return ran.code === 0;
}

async function showSuite(suite: Suite, label: string, verbose: boolean): Promise<SuiteRun> {
  using progress = new Progress(label);
  const finished = await runSuite(suite, (text) => {
    progress.take(text);
    if (verbose) process.stdout.write(text);
  });
  const judged =
    process.env.PROOFX_NO_SKIP === "1" ? { ...finished, result: refuseSkips(finished.result) } : finished;
  progress.end(judged);
  return judged;
}
