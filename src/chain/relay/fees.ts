import { z } from "zod";
import type { RpcPool } from "./pool.ts";
import type { Attempt } from "./record.ts";
import { quantity, RpcFault } from "./rpc.ts";

/** EIP-1559 fees of a transaction, wei a unit of gas. */
export interface Fees {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

/** What the next block asks for. */
export interface FeeEstimate {
  readonly baseFee: bigint;
  readonly tip: bigint;
}

const BLOCKS = 10;
const PERCENTILE = 50;

const history = z.object({
  baseFeePerGas: z.array(z.string()).min(1),
  reward: z.array(z.array(z.string())).optional(),
});

/** The next block's base fee, and a tip that half of the recent gas paid; the middle of what endpoints say. */
export async function estimateFees(pool: RpcPool): Promise<FeeEstimate> {
  const params = [`0x${BLOCKS.toString(16)}`, "latest", [PERCENTILE]];
  const answers = await pool.collect("eth_feeHistory", params, parseHistory);
  if (answers.length === 0) throw new RpcFault("transport", "no RPC endpoint told the current fees");
  return {
    baseFee: middle(answers.map(({ value }) => value.baseFee)),
    tip: middle(answers.map(({ value }) => value.tip)),
  };
}

function parseHistory(value: unknown): FeeEstimate {
  const parsed = history.safeParse(value);
  if (!parsed.success) throw new RpcFault("malformed", "a node answered with a fee history that is none");
  const { baseFeePerGas, reward } = parsed.data;
  const tips = (reward ?? []).flatMap(([tip]) => (tip === undefined ? [] : [quantity(tip, "tip")]));
  return {
    baseFee: quantity(baseFeePerGas.at(-1), "base fee"),
    tip: middle(tips.filter((tip) => tip > 0n)),
  };
}

/** The lower of the two in the middle when their number is even; 0 of none. */
function middle(values: readonly bigint[]): bigint {
  const sorted = [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0n;
}

export interface FeeLimits {
  /** Never offered more, wei a unit of gas. */
  readonly maxFeePerGas: bigint;
  /** Never offered less as a tip, wei a unit of gas. */
  readonly minPriorityFeePerGas: bigint;
}

/**
 * Fees for a first attempt: room for the base fee to double, within the cap.
 *
 * @returns undefined when the next block already asks for more than the cap: then nothing is to be sent.
 */
export function firstFees({ baseFee, tip }: FeeEstimate, limits: FeeLimits): Fees | undefined {
  const priority = least(most(tip, limits.minPriorityFeePerGas), limits.maxFeePerGas);
  if (baseFee + priority > limits.maxFeePerGas) return undefined;
  return {
    maxFeePerGas: least(2n * baseFee + priority, limits.maxFeePerGas),
    maxPriorityFeePerGas: priority,
  };
}

/**
 * Fees for a replacement: at least an eighth more than the last ones, which every node takes as a replacement.
 *
 * @returns undefined when that is above the cap.
 */
export function bumpedFees(
  last: Pick<Attempt, "maxFeePerGas" | "maxPriorityFeePerGas">,
  estimate: FeeEstimate,
  limits: FeeLimits,
): Fees | undefined {
  const priority = most(bump(BigInt(last.maxPriorityFeePerGas)), estimate.tip);
  const floor = bump(BigInt(last.maxFeePerGas));
  if (floor > limits.maxFeePerGas) return undefined;
  const wanted = most(floor, 2n * estimate.baseFee + priority);
  const maxFeePerGas = least(wanted, limits.maxFeePerGas);
  return { maxFeePerGas, maxPriorityFeePerGas: least(priority, maxFeePerGas) };
}

/** An eighth more, rounded up. */
const bump = (fee: bigint): bigint => fee + (fee + 7n) / 8n + (fee === 0n ? 1n : 0n);
const most = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
