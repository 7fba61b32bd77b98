import { abiOf } from "../../src/chain/artifacts.ts";
import { contractOf } from "../../src/chain/deployment.ts";
import { logsOf } from "../../src/chain/logs.ts";
import { toHex } from "../../src/core/bytes.ts";
import { CheckError } from "../../src/core/errors.ts";
import type { Batch } from "../../src/core/log/index.ts";
import type { DeployedSession } from "../support/session.ts";
import type { Anchored } from "./file.ts";

/** A batch that somebody says is on chain. */
export interface ClaimedBatch {
  readonly streamId: Uint8Array;
  /** The registry's number of it. */
  readonly batchIndex: bigint;
  /** Roots that take the whole stream to compute are compared when they are known. */
  readonly batch: Omit<Batch, "logRoot"> & Partial<Pick<Batch, "logRoot">>;
  /** 32 bytes. */
  readonly stateRoot?: Uint8Array;
}

/** The batch as the chain has it: its log, compared with all that is claimed. */
export async function findAnchored(
  session: DeployedSession,
  claimed: ClaimedBatch,
  fromBlock: number,
): Promise<Anchored & { readonly logRoot: string; readonly stateRoot: string }> {
  const { registry } = session.contracts;
  const { batchIndex, batch } = claimed;
  const topics = abiOf("AnchorRegistry").encodeFilterTopics("BatchAnchored", [
    toHex(claimed.streamId),
    batchIndex,
  ]);
  const { address } = contractOf(session.deployment, "registry");
  const latest = await session.provider.getBlockNumber();
  for await (const log of logsOf(session.provider, address, topics, fromBlock, latest)) {
    const args = registry.interface.parseLog(log)?.args;
    const same =
      args?.startSequence === batch.startSequence &&
      args.endSequence === batch.endSequence &&
      args.batchRoot === toHex(batch.batchRoot) &&
      args.factsRoot === toHex(batch.factsRoot) &&
      (batch.logRoot === undefined || args.logRoot === toHex(batch.logRoot)) &&
      (claimed.stateRoot === undefined || args.stateRoot === toHex(claimed.stateRoot));
    if (!same) continue;
    return {
      batchIndex,
      matureAt: args.matureAt as bigint,
      transactionHash: log.transactionHash,
      logRoot: args.logRoot as string,
      stateRoot: args.stateRoot as string,
    };
  }
  throw new CheckError(
    `batch ${batchIndex} of stream ${toHex(claimed.streamId)}: the chain has no BatchAnchored log with these roots`,
    {
      next: "ask for the batch again; if the chain has another one, npx hardhat log verify tells where it differs",
    },
  );
}
