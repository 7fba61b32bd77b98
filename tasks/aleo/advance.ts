import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { createBlocks } from "../../src/aleo/devnode.ts";
import { RefusedError } from "../../src/core/errors.ts";
import { action, type TaskIo, type TaskResult } from "../support/task.ts";
import { parseUnsigned } from "../support/values.ts";
import { type AleoArguments, openAleoSession } from "./support/session.ts";

interface AdvanceArguments extends AleoArguments {
  readonly blocks: string | undefined;
}

/** Makes empty blocks on a development ledger, so that a delay passes. */
export async function advance(
  args: AdvanceArguments,
  _hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const blocks = Number(parseUnsigned("--blocks", args.blocks ?? "1", 16));
  const { ledger, network } = await openAleoSession(args);
  if (network !== "devnode") {
    throw new RefusedError(`${ledger.url} is no development ledger: its validators make the blocks`, {
      next: "wait: a block takes about 3 s",
    });
  }
  const before = await ledger.height();
  io.note(`making ${blocks} blocks, about 15 a second …`);
  const height = await createBlocks(ledger.address.host, blocks);
  return { data: { before, height }, lines: [`height ${before} -> ${height}`] };
}

export default action(advance);
