import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { reopenStream } from "../../src/chain/changes/index.ts";
import { openDeployedSession } from "../support/session.ts";
import { action, required, type TaskIo, type TaskResult } from "../support/task.ts";
import { type TimelockArguments, throughTimelock } from "../support/through-timelock.ts";
import { parseUnsigned } from "../support/values.ts";
import { type StreamArguments, streamOf } from "./id.ts";

export interface ReopenArguments extends TimelockArguments, StreamArguments {
  readonly keep: string | undefined;
  readonly allowLive: boolean;
}

/** Cuts a stream's tail through the timelock. */
export async function reopen(
  args: ReopenArguments,
  hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const streamId = streamOf(args);
  const keep = parseUnsigned(
    "--keep",
    required("keep", args.keep, "the index of the last batch to keep"),
    32,
  );
  const session = await openDeployedSession(hre);
  const { allowLive } = args;
  return throughTimelock(
    { hre, session, args, io },
    (context) => reopenStream(context, streamId, keep, { allowLive }),
    { streamId, keep },
  );
}

export default action(reopen);
