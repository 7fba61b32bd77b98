import { z } from "zod";
import { hexTextField } from "../fields.ts";
import type { RpcPool } from "./pool.ts";
import { quantity, RpcFault, smallQuantity } from "./rpc.ts";

/** Where each endpoint says that the chain ends, and what of that the relayer believes. */
export interface Heads {
  /** Highest block that a quorum has reached; undefined while too few answer. */
  readonly agreed: number | undefined;
  /** Block number by endpoint, undefined where there was no answer. */
  readonly each: readonly (number | undefined)[];
}

/** @param grace As of `RpcPool.collect`. */
export async function readHeads(pool: RpcPool, grace?: number): Promise<Heads> {
  const parse = (value: unknown): number => smallQuantity(value, "block number");
  const answers = await pool.collect("eth_blockNumber", [], parse, grace);
  const each = Array.from(
    { length: pool.size },
    (_, index) => answers.find(({ endpoint }) => endpoint === index)?.value,
  );
  const sorted = answers.map(({ value }) => value).sort((a, b) => b - a);
  return { agreed: sorted[pool.quorum - 1], each };
}

const log = z.object({
  address: hexTextField(20),
  topics: z.array(hexTextField(32)),
  data: hexTextField(),
});
const receipt = z.object({
  transactionHash: hexTextField(32),
  blockHash: hexTextField(32),
  blockNumber: z.string(),
  status: z.string(),
  gasUsed: z.string(),
  effectiveGasPrice: z.string(),
  logs: z.array(log),
});

export type RawLog = z.infer<typeof log>;

export interface Receipt {
  readonly hash: string;
  readonly blockHash: string;
  readonly blockNumber: number;
  readonly succeeded: boolean;
  /** Wei paid for gas. */
  readonly cost: bigint;
  readonly gasUsed: bigint;
  readonly logs: readonly RawLog[];
}

/** A transaction's receipt, or null; RpcFault when it is not one of that transaction. */
export const parseReceipt =
  (hash: string) =>
  (value: unknown): Receipt | null => {
    if (value === null) return null;
    const parsed = receipt.safeParse(value);
    if (!parsed.success || parsed.data.transactionHash !== hash) {
      throw new RpcFault("malformed", "a node answered with a receipt that is none");
    }
    const { blockHash, blockNumber, status, gasUsed, effectiveGasPrice, logs } = parsed.data;
    return {
      hash,
      blockHash,
      blockNumber: smallQuantity(blockNumber, "receipt"),
      succeeded: quantity(status, "receipt") === 1n,
      cost: quantity(gasUsed, "receipt") * quantity(effectiveGasPrice, "receipt"),
      gasUsed: quantity(gasUsed, "receipt"),
      logs,
    };
  };

const block = z.object({
  hash: hexTextField(32),
  timestamp: z.string(),
  transactions: z.array(hexTextField(32)),
});

export interface Block {
  readonly hash: string;
  /** Unix time, s. */
  readonly timestamp: number;
  /** Hashes. */
  readonly transactions: readonly string[];
}

/** A block without its transactions' content, or null. */
export function parseBlock(value: unknown): Block | null {
  if (value === null) return null;
  const parsed = block.safeParse(value);
  if (!parsed.success) throw new RpcFault("malformed", "a node answered with a block that is none");
  return { ...parsed.data, timestamp: smallQuantity(parsed.data.timestamp, "block") };
}

/** A block number as calls take it. */
export const blockTag = (number: number): string => `0x${number.toString(16)}`;

/** The sender's transaction count at a block, agreed. */
export function readAccountNonce(pool: RpcPool, address: string, at: "latest" | number): Promise<number> {
  const tag = at === "latest" ? at : blockTag(at);
  return pool.agree("eth_getTransactionCount", [address, tag], (value) => smallQuantity(value, "nonce"));
}

/** The most wei that a quorum of endpoints says the sender has; undefined while too few answer. */
export async function readBalance(pool: RpcPool, address: string): Promise<bigint | undefined> {
  const answers = await pool.collect("eth_getBalance", [address, "latest"], (value) =>
    quantity(value, "balance"),
  );
  const sorted = answers.map(({ value }) => value).sort((a, b) => (a < b ? 1 : a > b ? -1 : 0));
  return sorted[pool.quorum - 1];
}
