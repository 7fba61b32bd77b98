import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { backup } from "../../../src/aleo/state/backup.ts";
import { countEntries } from "../../../src/aleo/state/compare.ts";
import { faultsOf } from "../../../src/aleo/state/snapshot.ts";
import { writeState } from "../../../src/aleo/state/state-file.ts";
import { EXIT } from "../../../src/core/errors.ts";
import { action, type TaskIo, type TaskResult } from "../../support/task.ts";
import { type AleoArguments, openAleoSession } from "../support/session.ts";
import { heightOption, programIds, replayOptions, STATE_FOLDER } from "./support.ts";

interface BackupArguments extends AleoArguments {
  readonly program: string | undefined;
  readonly fromBlock: string | undefined;
  readonly out: string | undefined;
}

/** Backs up live values that are what the blocks make. */
export async function backupState(
  args: BackupArguments,
  _hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const programs = programIds(args.program);
  const from = heightOption("--from-block", args.fromBlock);
  const session = await openAleoSession(args);
  const { state, readings } = await backup(await replayOptions(session, programs, from, io));
  const file = writeState(args.out ?? STATE_FOLDER, state);
  const entries = countEntries(state);
  const faults = faultsOf(state);
  return {
    data: { file, height: state.height, block_hash: state.block_hash, entries, programs, readings, faults },
    lines: [
      `Backed up after block ${state.height}: ${entries} entries of ${programs.join(", ")}, equal to what the blocks make`,
      `  state  ${file}`,
      ...faults.map((fault) => `  WRONG  ${fault}`),
    ],
    exitCode: faults.length === 0 ? EXIT.ok : EXIT.failed,
  };
}

export default action(backupState);
