import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { run } from "../checks/support/process.ts";
import { table } from "../checks/support/table.ts";
import { Progress } from "./progress.ts";
import { refuseSkips, reportLines } from "./report.ts";
import { runSuite, type SuiteRun } from "./run-suite.ts";
import { allSuites, type Suite } from "./suites.ts";

const HELP = `npm test [-- SUITE...]

Compiles the contracts, then runs every suite or only the named ones. All that a suite prints is in build/test/SUITE.log.

${table(allSuites().map((suite) => [`  ${suite.name}`, suite.shows])).join("\n")}

  --list      names only
  --verbose   print what the suites print
  --serial    one suite at a time; otherwise three on a machine with two processors
  --help      this text

PROOFX_NO_SKIP=1 makes a skipped test a failure. CI=true refuses a forgotten .only.`;

/** Suites at a time. One more than two processors: each of them waits for a database, a chain or a clock a part of its time. */
const LANES = 3;

const { values, positionals } = parseArgs({
  options: {
    help: { type: "boolean", short: "h" },
    list: { type: "boolean" },
    verbose: { type: "boolean", short: "v" },
    serial: { type: "boolean" },
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
else
  process.exitCode = await main(positionals, {
    verbose: values.verbose === true,
    serial: values.serial === true,
  });

/** Exit code: 0 when all passed, 1 when something failed, 2 for a name that is no suite. */
async function main(names: readonly string[], options: Options): Promise<number> {
  const suites = allSuites();
  const unknown = names.find((name) => !suites.some((suite) => suite.name === name));
  if (unknown !== undefined) {
    console.error(`suite: expected one of ${suites.map((suite) => suite.name).join(", ")}, got "${unknown}"`);
    return 2;
  }
  const chosen = suites.filter((suite) => names.length === 0 || names.includes(suite.name));
  const started = performance.now();
  if (!(await built())) return 1;
  const runs = await runLanes(chosen, options);
  const seconds = (performance.now() - started) / 1000;
  console.log(reportLines(runs, seconds).join("\n"));
  return runs.some((each) => each.result.failures.length > 0) ? 1 : 0;
}

interface Options {
  readonly verbose: boolean;
  readonly serial: boolean;
}

/** Those of the story's lane one by one, and beside them the others; whoever comes to the end of its own takes the next of these. */
async function runLanes(chosen: readonly Suite[], { verbose, serial }: Options): Promise<SuiteRun[]> {
  const runs = new Map<Suite, SuiteRun>();
  const runAll = async (suites: readonly Suite[]): Promise<void> => {
    for (const suite of suites) {
      const label = `[${chosen.indexOf(suite) + 1}/${chosen.length}] ${suite.name}`;
      runs.set(suite, await showSuite(suite, label, verbose));
    }
  };
  if (serial || availableParallelism() < 2) await runAll(chosen);
  else {
    const story = chosen.filter(({ lane }) => lane === "story");
    const any = chosen.filter(({ lane }) => lane === "any");
    const runAny = async (): Promise<void> => {
      for (let next = any.shift(); next !== undefined; next = any.shift()) await runAll([next]);
    };
    const beside = Array.from({ length: LANES - 1 }, runAny);
    await Promise.all([runAll(story).then(runAny), ...beside]);
  }
  return chosen.flatMap((suite) => runs.get(suite) ?? []);
}

/** Suites read compiled contracts. The Solidity tests are compiled by the suite that runs them. */
async function built(): Promise<boolean> {
  const ran = await run(["hardhat", "build", "--no-tests"]);
  if (ran.code !== 0)
    console.error(`The contracts do not compile:\n${ran.output}\nAgain: npx hardhat build --no-tests`);
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
