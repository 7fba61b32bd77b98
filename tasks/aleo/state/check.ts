import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { countEntries, describeDifference, differences } from "../../../src/aleo/state/compare.ts";
import { faultsOf } from "../../../src/aleo/state/snapshot.ts";
import { readState } from "../../../src/aleo/state/state-file.ts";
import { EXIT } from "../../../src/core/errors.ts";
import { action, required, type TaskIo, type TaskResult } from "../../support/task.ts";

interface CheckArguments {
  readonly state: string | undefined;
  readonly against: string | undefined;
}

/** Differences that a person is shown; the JSON has all of them. */
const SHOWN = 10;

/** Checks a state's file by itself, and against another. */
export async function checkState(
  args: CheckArguments,
  _hre: HardhatRuntimeEnvironment,
  _io: TaskIo,
): Promise<TaskResult> {
  const path = required("state", args.state, "the file of a state");
  const state = readState(path);
  const faults = faultsOf(state);
  const against = args.against;
  const found = against === undefined ? [] : [...differences(state, readState(against))];
  const entries = countEntries(state);
  const ok = faults.length === 0 && found.length === 0;
  return {
    data: { ok, height: state.height, origin: state.origin, entries, faults, differences: found },
    lines: [
      `${path}: whole, after block ${state.height}, ${entries} entries of ${Object.keys(state.programs).join(", ")}`,
      ...faults.map((fault) => `  WRONG  ${fault}`),
      ...(against === undefined
        ? []
        : [found.length === 0 ? `Equal to ${against}` : `${found.length} differences:`]),
      ...found.slice(0, SHOWN).map((each) => `  ${describeDifference(each, ["the first", "the second"])}`),
    ],
    exitCode: ok ? EXIT.ok : EXIT.failed,
  };
}

export default action(checkState);
