import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { countEntries } from "../../../src/aleo/state/compare.ts";
import { reconstruct } from "../../../src/aleo/state/reconstruct.ts";
import { writeState } from "../../../src/aleo/state/state-file.ts";
import { action, type TaskIo, type TaskResult } from "../../support/task.ts";
import { type AleoArguments, openAleoSession } from "../support/session.ts";
import { heightOption, programIds, replayOptions, STATE_FOLDER } from "./support.ts";

interface ReconstructArguments extends AleoArguments {
  readonly program: string | undefined;
  readonly fromBlock: string | undefined;
  readonly toBlock: string | undefined;
  readonly out: string | undefined;
}

/** Rebuilds a state from blocks. */
export async function reconstructState(
  args: ReconstructArguments,
  _hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const programs = programIds(args.program);
  const from = heightOption("--from-block", args.fromBlock);
  const to = heightOption("--to-block", args.toBlock);
  const session = await openAleoSession(args);
  const options = await replayOptions(session, programs, from, io);
  const { state, counts } = await reconstruct({ ...options, ...(to === undefined ? {} : { to }) });
  const file = writeState(args.out ?? STATE_FOLDER, state);
  const entries = countEntries(state);
  return {
    data: { file, height: state.height, block_hash: state.block_hash, entries, programs, replayed: counts },
    lines: [
      `Rebuilt after block ${state.height}: ${entries} entries of ${programs.join(", ")}`,
      `  replayed now  ${counts.accepted} transactions, ${counts.deployments} of them deployments`,
      `  state         ${file}`,
      "Nothing was compared with live values: npx hardhat aleo state backup does both",
    ],
  };
}

export default action(reconstructState);
