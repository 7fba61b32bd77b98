import { relative } from "node:path";
import Mocha from "mocha";
import { type Failure, MISSING, type Need, reportResult, type Skip } from "./results.ts";

const {
  EVENT_TEST_PASS,
  EVENT_TEST_FAIL,
  EVENT_TEST_PENDING,
  EVENT_SUITE_BEGIN,
  EVENT_SUITE_END,
  EVENT_RUN_END,
} = Mocha.Runner.constants;

/** Files named as the slowest. */
const SHOWN = 12;

type Held = { [MISSING]?: Need; parent?: Held | undefined };

/** Prints what mocha's own `spec` reporter prints, and writes the counts where the runner wants them. */
class ResultReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    let passed = 0;
    const failures: Failure[] = [];
    const skips: Skip[] = [];
    runner.on(EVENT_TEST_PASS, () => passed++);
    runner.on(EVENT_TEST_FAIL, (test: Mocha.Runnable, error: Error) => {
      failures.push({ title: test.fullTitle(), detail: error.stack ?? String(error) });
    });
    runner.on(EVENT_TEST_PENDING, (test: Mocha.Test) => {
      const need = missingFor(test as unknown as Held);
      skips.push({ title: test.fullTitle(), ...(need === undefined ? {} : { need }) });
    });
    runner.once(EVENT_RUN_END, () => reportResult({ passed, failures, skips }));
    tellSlowest(runner);
  }
}

/** Names the files that took longest, hooks included, at the end of the log: where time is to be won. */
function tellSlowest(runner: Mocha.Runner): void {
  const milliseconds = new Map<string, number>();
  let began = 0;
  const isFile = (suite: Mocha.Suite): boolean => suite.parent?.root === true && suite.file !== undefined;
  runner.on(EVENT_SUITE_BEGIN, (suite) => {
    if (isFile(suite)) began = performance.now();
  });
  runner.on(EVENT_SUITE_END, (suite) => {
    if (!isFile(suite)) return;
    const file = relative(process.cwd(), suite.file ?? "");
    milliseconds.set(file, (milliseconds.get(file) ?? 0) + performance.now() - began);
  });
  runner.once(EVENT_RUN_END, () => {
    const slowest = [...milliseconds].sort(([, a], [, b]) => b - a).slice(0, SHOWN);
    const lines = slowest.map(([file, time]) => `${(time / 1000).toFixed(1).padStart(7)} s  ${file}`);
    console.log(["The slowest files", ...lines].join("\n"));
  });
}

/** What `needs()` left on the test itself, or on a group round it. */
function missingFor(held: Held | undefined): Need | undefined {
  return held === undefined ? undefined : (held[MISSING] ?? missingFor(held.parent));
}

// Mocha loads reporters by require(), which hands out this export and not the module.
export { ResultReporter as "module.exports" };
