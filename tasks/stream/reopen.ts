import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { CUT_LIMIT, reopenStream } from "../../src/chain/changes/index.ts";
import { InputError } from "../../src/core/errors.ts";
import { openDeployedSession } from "../support/session.ts";
import { action, required, type TaskIo, type TaskResult } from "../support/task.ts";
import type { TimelockArguments } from "../support/through-timelock.ts";
import { throughTimelockInOrder } from "../support/through-timelock-in-order.ts";
import { parseUnsigned } from "../support/values.ts";
import { type StreamArguments, streamOf } from "./id.ts";

export interface ReopenArguments extends TimelockArguments, StreamArguments {
  readonly keep: string | undefined;
  readonly allowLive: boolean;
  /** Batches a call, at most. */
  readonly step: string | undefined;
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
  const limit = args.step === undefined ? CUT_LIMIT : stepOf(args.step);
  const session = await openDeployedSession(hre);
  const { allowLive } = args;
  return throughTimelockInOrder(
    { hre, session, args, io },
    (context) => reopenStream(context, streamId, keep, { allowLive, limit }),
    { streamId, keep },
  );
}

function stepOf(text: string): number {
  const step = Number(parseUnsigned("--step", text, 32));
  if (step >= 1 && step <= CUT_LIMIT) return step;
  throw InputError.expected("--step", `batches a call, from 1 to ${CUT_LIMIT}`, text);
}

export default action(reopen);
