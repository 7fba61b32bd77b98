import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { streamHead } from "../../src/chain/changes/index.ts";
import { type AnchoredBatch, streamBatches } from "../../src/chain/stream-history.ts";
import { InputError } from "../../src/core/errors.ts";
import { openDeployedSession } from "../support/session.ts";
import { action, type TaskResult } from "../support/task.ts";
import { parseUnsigned } from "../support/values.ts";
import { type StreamArguments, streamOf } from "./id.ts";

export interface ShowArguments extends StreamArguments {
  readonly last: string | undefined;
}

/** Shows where a stream stands, and the batches it consists of. */
export async function show(args: ShowArguments, hre: HardhatRuntimeEnvironment): Promise<TaskResult> {
  const streamId = streamOf(args);
  const last = Number(parseUnsigned("--last", args.last ?? "20", 16));
  const { provider, deployment } = await openDeployedSession(hre);
  const head = await streamHead({ provider, deployment }, provider, streamId);
  if (head === undefined) throw InputError.expected("stream", "the id of an open stream", streamId);
  const { anchorer, batchIndex, end, stateRoot, maturityDelay, epoch } = head;
  const all = await streamBatches(provider, deployment, streamId);
  const batches = last === 0 ? [] : all.slice(-last);
  return {
    data: { streamId, head: { anchorer, batchIndex, end, stateRoot, maturityDelay, epoch }, batches },
    lines: [
      `Stream ${streamId}`,
      `  anchorer ${/^0x0+$/.test(anchorer) ? "nobody: suspended" : anchorer}, maturity ${maturityDelay} s, epoch ${epoch}`,
      `  ${batchIndex} batches up to sequence ${end}, state root ${stateRoot}`,
      ...batches.map(batchLine),
    ],
  };
}

function batchLine({ batchIndex, startSequence, end, matureAt, transactionHash }: AnchoredBatch): string {
  const when = new Date(Number(matureAt) * 1000).toISOString();
  return `  batch ${String(batchIndex).padStart(4)}  sequences ${startSequence} to ${end}, counts from ${when}, transaction ${transactionHash}`;
}

export default action(show);
