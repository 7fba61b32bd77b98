import type { Provider } from "ethers";
import { registryAt } from "../../chain/contracts.ts";
import { contractOf, type Deployment } from "../../chain/deployment.ts";
import { revertName } from "../../chain/revert.ts";
import { type AnchoredBatch, streamBatches } from "../../chain/stream-history.ts";
import { fromHex, toHex } from "../../core/bytes.ts";
import type { BatchRow } from "../batches/rows.ts";
import { EntryCheck } from "./fault.ts";
import type { AnchorRow } from "./rows.ts";
import type { Registry } from "./source.ts";

/** A stream as the chain has it. */
export interface ChainStream {
  /** Oldest first; cut ones are left out. */
  readonly batches: readonly AnchoredBatch[];
  readonly head: { readonly batchIndex: bigint; readonly end: bigint; readonly stateRoot: string };
}

/** The chain that a log is compared with. */
export interface ChainSource {
  readonly registry: Registry;
  /** Undefined when the stream was never opened there. */
  stream(streamId: string): Promise<ChainStream | undefined>;
}

/** A deployment's registry, through a node that is trusted to tell the truth. */
export function chainSource(provider: Provider, deployment: Deployment): ChainSource {
  const { address } = contractOf(deployment, "registry");
  const registry = registryAt(address, provider);
  return {
    registry: {
      chainId: BigInt(deployment.chainId),
      address: fromHex("registry", address.toLowerCase(), 20),
    },
    async stream(streamId) {
      try {
        const { batchIndex, end, stateRoot } = await registry.head(streamId);
        return {
          batches: await streamBatches(provider, deployment, streamId),
          head: { batchIndex, end, stateRoot },
        };
      } catch (error) {
        if (revertName(error) === "StreamUnknown") return undefined;
        throw error;
      }
    },
  };
}

/**
 * Checks that the chain's logs of a stream lead to its head.
 *
 * @throws FaultFound: then the node tells a story that the contract does not.
 */
export function checkChain(stream: string, { batches, head }: ChainStream): void {
  const check = new EntryCheck(stream, "anchor", head.batchIndex);
  const last = batches.at(-1);
  check.require(
    BigInt(batches.length) === head.batchIndex,
    "head",
    `the node has logs of ${batches.length} batches`,
  );
  if (last !== undefined)
    check.require(
      last.stateRoot === head.stateRoot && last.end === head.end,
      "head",
      "the node's newest log is another batch",
    );
}

/** Compares a batch with the chain's of the same index, and with what is kept about its anchoring. @throws FaultFound */
export function checkAnchor(
  stream: string,
  batch: BatchRow,
  onChain: AnchoredBatch | undefined,
  row: AnchorRow | undefined,
): boolean {
  const check = new EntryCheck(stream, "anchor", batch.batchIndex);
  const status = row?.status ?? "pending";
  if (onChain === undefined) {
    check.require(status === "pending", "status", `it is kept as ${status}, and the chain does not have it`);
    return false;
  }
  for (const [field, ours, theirs] of [
    ["state_root", toHex(batch.stateRoot), onChain.stateRoot],
    ["batch_root", toHex(batch.batchRoot), onChain.batchRoot],
    ["facts_root", toHex(batch.factsRoot), onChain.factsRoot],
    ["log_root", toHex(batch.logRoot), onChain.logRoot],
    ["start_sequence", batch.startSequence, onChain.startSequence],
    ["end_sequence", batch.endSequence, onChain.end],
  ] as const)
    check.require(
      ours === theirs,
      field,
      `this log has ${ours}, the chain ${theirs}: there are two histories`,
    );
  if (row === undefined || status === "pending") return true;
  for (const [field, kept, theirs] of [
    [
      "transaction_hash",
      row.transaction_hash === null ? "none" : toHex(row.transaction_hash),
      onChain.transactionHash,
    ],
    ["block_number", row.block_number, BigInt(onChain.blockNumber)],
    ["chain_batch_index", row.chain_batch_index, onChain.batchIndex],
    ["mature_at", row.mature_at, onChain.matureAt],
  ] as const)
    check.require(kept === theirs, field, `${kept} is kept, the chain has ${theirs}`);
  return true;
}
