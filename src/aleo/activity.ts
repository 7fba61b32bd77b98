import {
  type Block,
  type ConfirmedTransaction,
  heightOf,
  type Transition,
  timeOf,
  transitionsOf,
} from "./block.ts";

/** Where blocks come from: the ledger's REST client. */
export interface BlockSource {
  /** Of the newest block. */
  height(): Promise<number>;
  /** Blocks `from` up to, not including, `to`; at most {@link BLOCKS_A_CALL}. */
  blocks(from: number, to: number): Promise<readonly Block[]>;
}

/** Nodes refuse to give more in one call. */
export const BLOCKS_A_CALL = 50;
/** Calls under way at once, so that an hour of blocks is read in seconds and a node does not mind. */
const CALLS_AT_ONCE = 4;

/** One function of one program that a transaction calls, directly or by another. */
export interface CalledFunction {
  readonly program: string;
  readonly function: string;
  /** Leo literals; private ones as their ciphertext or hash. */
  readonly inputs: readonly string[];
  /** The future's text, which is what finalize was given; undefined when the function has no effect on the ledger. */
  readonly future?: string;
}

/** A transaction in a block that calls, or deploys, a program that is watched. */
export interface ObservedTransaction {
  /** Of the transaction in the block: for a rejected one that of its fee. */
  readonly id: string;
  readonly height: number;
  /** Seconds since 1970, of its block. */
  readonly time: number;
  readonly accepted: boolean;
  readonly kind: "execute" | "deploy";
  /** Of the watched programs only; the outermost call last, as on the ledger. */
  readonly calls: readonly CalledFunction[];
  /** Who paid the fee; undefined when it was paid from a private record. It is the caller, unless somebody paid for him. */
  readonly payer?: string;
  /** Microcredits. */
  readonly fee: bigint;
}

/** The transactions of a block that have to do with `programs`. */
export function observe(block: Block, programs: readonly string[]): ObservedTransaction[] {
  const at = { height: heightOf(block), time: timeOf(block) };
  return block.transactions.flatMap((each) => {
    const calls = transitionsOf(each).filter(({ program }) => programs.includes(program));
    const deployed = nameOf((each.rejected?.deployment ?? each.transaction.deployment)?.program);
    if (calls.length === 0 && (deployed === undefined || !programs.includes(deployed))) return [];
    return [observed(each, at, calls.map(called), deployed)];
  });
}

function observed(
  { status, transaction }: ConfirmedTransaction,
  at: { readonly height: number; readonly time: number },
  calls: readonly CalledFunction[],
  deployed: string | undefined,
): ObservedTransaction {
  const fee = transaction.fee?.transition;
  const payer = fee === undefined ? undefined : addressIn(futureOf(fee));
  return {
    id: transaction.id,
    ...at,
    accepted: status === "accepted",
    ...(deployed === undefined
      ? { kind: "execute", calls }
      : { kind: "deploy", calls: [{ program: deployed, function: "(deployment)", inputs: [] }] }),
    ...(payer === undefined ? {} : { payer }),
    fee: fee === undefined ? 0n : paid(fee),
  };
}

function called(transition: Transition): CalledFunction {
  const { program, function: name, inputs } = transition;
  const future = futureOf(transition);
  return {
    program,
    function: name,
    inputs: inputs.map(({ value, id }) => value ?? id),
    ...(future === undefined ? {} : { future }),
  };
}

/** `program NAME;` stands at the head of a deployed program's text. */
function nameOf(source: string | undefined): string | undefined {
  return source === undefined ? undefined : /^\s*program\s+([a-z0-9_]+\.aleo)\s*;/m.exec(source)?.[1];
}

function futureOf({ outputs }: Transition): string | undefined {
  return outputs.find(({ type }) => type === "future")?.value;
}

function addressIn(text: string | undefined): string | undefined {
  return text === undefined ? undefined : /\baleo1[a-z0-9]{58}\b/.exec(text)?.[0];
}

/** Base and priority fee are the first two amounts of `fee_public`; of `fee_private` they follow the record. */
function paid({ inputs }: Transition): bigint {
  const amounts = inputs
    .map(({ value }) => /^(\d+)u64$/.exec(value ?? "")?.[1])
    .filter((text) => text !== undefined);
  return amounts.slice(0, 2).reduce((sum, text) => sum + BigInt(text), 0n);
}

export interface ReadOptions {
  /** The first block's height, and that after the last. */
  readonly from: number;
  readonly to: number;
  readonly programs: readonly string[];
  /** Called after each step with how many blocks are read. */
  readonly onProgress?: (done: number, all: number) => void;
}

/** The transactions of `programs` in a range of blocks, oldest first. */
export async function readActivity(
  source: BlockSource,
  { from, to, programs, onProgress }: ReadOptions,
): Promise<ObservedTransaction[]> {
  const found: ObservedTransaction[] = [];
  const step = BLOCKS_A_CALL * CALLS_AT_ONCE;
  for (let start = from; start < to; start += step) {
    const ranges: (readonly [number, number])[] = [];
    for (let low = start; low < Math.min(start + step, to); low += BLOCKS_A_CALL) {
      ranges.push([low, Math.min(low + BLOCKS_A_CALL, to)]);
    }
    const read = await Promise.all(ranges.map(([low, high]) => source.blocks(low, high)));
    for (const block of read.flat()) found.push(...observe(block, programs));
    onProgress?.(Math.min(start + step, to) - from, to - from);
  }
  return found;
}

/** The height of the first block that is not older than `time` (s); one above the newest when all are. */
export async function heightAt(source: BlockSource, time: number): Promise<number> {
  let low = 0;
  let high = (await source.height()) + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [block] = await source.blocks(middle, middle + 1);
    if (block !== undefined && timeOf(block) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
