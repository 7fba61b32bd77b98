import { z } from "zod";
import { hexTextField } from "../../chain/fields.ts";
import type { RpcPool } from "../../chain/relay/pool.ts";
import { blockTag } from "../../chain/relay/reads.ts";
import { RpcFault, smallQuantity } from "../../chain/relay/rpc.ts";

/** What the follower needs of a block. */
export interface BlockHeader {
  readonly number: number;
  readonly hash: string;
  readonly parent: string;
  /** Unix time, s. */
  readonly timestamp: number;
}

/** A contract's log and where it stands. */
export interface ChainLog {
  /** Lower case. */
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
  readonly block: number;
  readonly blockHash: string;
  readonly transaction: string;
  /** Place within the block. */
  readonly index: number;
}

const header = z.object({
  number: z.string(),
  hash: hexTextField(32),
  parentHash: hexTextField(32),
  timestamp: z.string(),
});

const logs = z.array(
  z.object({
    address: hexTextField(20),
    topics: z.array(hexTextField(32)),
    data: hexTextField(),
    blockNumber: z.string(),
    blockHash: hexTextField(32),
    transactionHash: hexTextField(32),
    logIndex: z.string(),
  }),
);

/** A block's header as a quorum has it; null while they have none. @throws RpcFault */
export function readHeader(pool: RpcPool, number: number): Promise<BlockHeader | null> {
  return pool.agree("eth_getBlockByNumber", [blockTag(number), false], (value) => {
    if (value === null) return null;
    const parsed = header.safeParse(value);
    if (!parsed.success || smallQuantity(parsed.data.number, "block number") !== number)
      throw new RpcFault("malformed", "a node answered with a block that is none");
    const { hash, parentHash, timestamp } = parsed.data;
    return { number, hash, parent: parentHash, timestamp: smallQuantity(timestamp, "block time") };
  });
}

/** The logs of a range of blocks, both ends included, or of the one block with a hash. */
export type LogRange = { readonly from: number; readonly to: number } | { readonly blockHash: string };

/**
 * The contracts' logs in a range as a quorum has them, in the chain's order.
 *
 * @throws RpcFault, also for logs that were not asked for; RpcRefusal, e.g. for a range that is too long.
 */
export function readLogs(
  pool: RpcPool,
  addresses: readonly string[],
  range: LogRange,
): Promise<readonly ChainLog[]> {
  const where =
    "blockHash" in range
      ? { blockHash: range.blockHash }
      : { fromBlock: blockTag(range.from), toBlock: blockTag(range.to) };
  return pool.agree("eth_getLogs", [{ address: addresses, ...where }], (value) => {
    const parsed = logs.safeParse(value);
    if (!parsed.success) throw new RpcFault("malformed", "a node answered with logs that are none");
    const read = parsed.data.map(
      ({ address, topics, data, blockNumber, blockHash, transactionHash, logIndex }): ChainLog => ({
        address,
        topics,
        data,
        block: smallQuantity(blockNumber, "log"),
        blockHash,
        transaction: transactionHash,
        index: smallQuantity(logIndex, "log"),
      }),
    );
    if (!read.every((log) => addresses.includes(log.address) && isWithin(log, range)))
      throw new RpcFault("malformed", "a node answered with logs that were not asked for");
    return read.sort((a, b) => a.block - b.block || a.index - b.index);
  });
}

function isWithin({ block, blockHash }: ChainLog, range: LogRange): boolean {
  return "blockHash" in range ? blockHash === range.blockHash : block >= range.from && block <= range.to;
}
