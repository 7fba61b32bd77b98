import { findDevnode } from "../../src/aleo/runtime.ts";
import { UnavailableError } from "../../src/core/errors.ts";
import { onPath } from "../test/on-path.ts";

/** Whether this machine has a program; Aleo's development ledger comes from npm, and the question is whether it can run here. */
export function isThere(command: string): boolean {
  return command === "aleo-devnode" ? devnodeRuns() : onPath(command);
}

function devnodeRuns(): boolean {
  try {
    findDevnode();
    return true;
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    return false;
  }
}
