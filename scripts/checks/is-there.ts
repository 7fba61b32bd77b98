import { findDevnode } from "../../src/aleo/runtime.ts";
import { UnavailableError } from "../../src/core/errors.ts";
import { findGnd } from "../../src/ops/subgraph/tools.ts";
import { onPath } from "../test/on-path.ts";

/** Programs that come from npm, of which the question is whether they can run here. */
const BROUGHT: Readonly<Record<string, () => unknown>> = { "aleo-devnode": findDevnode, gnd: findGnd };

/** Whether this machine has a program. */
export function isThere(command: string): boolean {
  const find = BROUGHT[command];
  return find === undefined ? onPath(command) : runs(find);
}

function runs(find: () => unknown): boolean {
  try {
    find();
    return true;
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    return false;
  }
}
