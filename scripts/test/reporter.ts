import Mocha from "mocha";
import { type Failure, MISSING, type Need, reportResult, type Skip } from "./results.ts";

const { EVENT_TEST_PASS, EVENT_TEST_FAIL, EVENT_TEST_PENDING, EVENT_RUN_END } = Mocha.Runner.constants;

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
  }
}

/** What `needs()` left on the test itself, or on a group round it. */
function missingFor(held: Held | undefined): Need | undefined {
  return held === undefined ? undefined : (held[MISSING] ?? missingFor(held.parent));
}

// Mocha loads reporters by require(), which hands out this export and not the module.
export { ResultReporter as "module.exports" };
