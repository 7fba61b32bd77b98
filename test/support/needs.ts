import { onPath } from "../../scripts/test/on-path.ts";
import { MISSING, type Need } from "../../scripts/test/results.ts";

/**
 * Skips the test, or in a `before` hook its whole group, when the machine lacks a program.
 *
 * `npm test` lists what was skipped with the line that installs it; with PROOFX_NO_SKIP=1 such a skip is a failure.
 *
 * @param context mocha's `this`, so the caller is a `function` and no arrow.
 */
export function needs(context: Mocha.Context, need: Need): void {
  if (!onPath(need.command)) skipFor(context, need);
}

/** As {@link needs}, for what is no program on the path and was found missing. */
export function skipFor(context: Mocha.Context, need: Need): never {
  // In a hook `test` is the hook itself, and what it misses is missing for its whole group.
  const test: (Mocha.Runnable & { type?: string }) | undefined = context.test;
  const holder = test?.type === "hook" ? test.parent : test;
  if (holder !== undefined) Object.assign(holder, { [MISSING]: need });
  return context.skip();
}
