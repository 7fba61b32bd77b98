import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { vetoBatch } from "../../src/chain/changes/index.ts";
import { findBatch } from "../../src/chain/stream-history.ts";
import type { ActArguments } from "../support/act.ts";
import { type Build, carryOut } from "../support/carry-out.ts";
import { openDeployedSession } from "../support/session.ts";
import { action, required, type TaskIo, type TaskResult } from "../support/task.ts";
import { parseUnsigned } from "../support/values.ts";
import { type StreamArguments, streamOf } from "./id.ts";

export interface VetoArguments extends ActArguments, StreamArguments {
  readonly batch: string | undefined;
}

/** Vetoes a batch that is not mature yet. */
export async function veto(
  args: VetoArguments,
  hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const streamId = streamOf(args);
  const batchIndex = parseUnsigned("--batch", required("batch", args.batch, "the index of a batch"), 32);
  const session = await openDeployedSession(hre);
  const batch = await findBatch(session.provider, session.deployment, streamId, batchIndex);
  const build: Build = (context) => vetoBatch(context, streamId, batch);
  return (await carryOut({ hre, session, args, io }, [build], { data: { streamId, batchIndex } })).result;
}

export default action(veto);
