import { getAddress, type Provider, ZeroAddress, ZeroHash } from "ethers";
import { CheckError, InputError, RefusedError } from "../../core/errors.ts";
import { type Change, exactly, makeChange } from "../change.ts";
import { revertName } from "../revert.ts";
import { type BatchRef, type StreamCut, streamCuts } from "../stream-history.ts";
import {
  adminSender,
  type ChangeContext,
  callOf,
  contractsOf,
  roleSender,
  timelockSender,
  timeText,
} from "./context.ts";

/** What a stream is opened with. */
export interface StreamOpening {
  /** 32 bytes, 0x hex. */
  readonly streamId: string;
  readonly anchorer: string;
  /** Seconds before a facts root counts. */
  readonly maturityDelay: number;
}

/**
 * Opens a stream with its one anchorer.
 *
 * @throws RefusedError when it is open with another anchorer or maturity.
 */
export async function openStream(context: ChangeContext, opening: StreamOpening): Promise<Change> {
  const { streamId, maturityDelay } = opening;
  const anchorer = getAddress(opening.anchorer);
  const after = `open, anchorer ${anchorer}, maturity ${maturityDelay} s`;
  const read = async (now: Provider) => {
    const head = await streamHead(context, now, streamId);
    if (head === undefined) return "not open";
    return `open, anchorer ${anchorerText(head.anchorer)}, maturity ${head.maturityDelay} s`;
  };
  const before = await read(context.provider);
  if (before !== "not open" && before !== after) {
    throw new RefusedError(`stream ${streamId} is ${before} already: a stream is opened once`, {
      next: "another anchorer: npx hardhat stream anchorer --help; the maturity delay cannot change",
    });
  }
  const call = callOf(
    context,
    "registry",
    "openStream",
    [streamId, anchorer, maturityDelay],
    `Open stream ${streamId} for anchorer ${anchorer}`,
  );
  return makeChange(context.provider, call, await adminSender(context, "registry"), [
    exactly(`stream ${streamId}`, after, read),
  ]);
}

/** Replaces a stream's anchorer at once; the zero address suspends the stream, and nobody can anchor. */
export async function replaceAnchorer(
  context: ChangeContext,
  streamId: string,
  newAnchorer: string,
): Promise<Change> {
  const whom = getAddress(newAnchorer);
  await requireStream(context, streamId);
  const description =
    whom === ZeroAddress ? `Suspend stream ${streamId}` : `Let ${whom} alone anchor stream ${streamId}`;
  const call = callOf(context, "registry", "replaceAnchorer", [streamId, whom], description);
  return makeChange(context.provider, call, await adminSender(context, "registry"), [
    exactly(`anchorer of stream ${streamId}`, anchorerText(whom), async (now) =>
      anchorerText((await streamHead(context, now, streamId))?.anchorer ?? ZeroAddress),
    ),
  ]);
}

/** Suspends a stream: nobody can anchor until it has an anchorer again. */
export function suspendStream(context: ChangeContext, streamId: string): Promise<Change> {
  return replaceAnchorer(context, streamId, ZeroAddress);
}

/**
 * Takes back a batch that is not mature yet: its facts root will never count.
 *
 * @param batch As `findBatch` in src/chain/stream-history.ts reads it from the chain's logs.
 * @throws InputError for a batch without facts; CheckError when the batch counts already, and only a cut helps.
 */
export async function vetoBatch(context: ChangeContext, streamId: string, batch: BatchRef): Promise<Change> {
  if (batch.factsRoot === ZeroHash) {
    throw InputError.expected(
      `batch ${batch.batchIndex}`,
      "a batch with facts: nothing can stand on others",
      "none",
    );
  }
  const read = (now: Provider) => batchState(context, now, streamId, batch);
  const before = await read(context.provider);
  if (before === COUNTS) {
    throw new CheckError(
      `batch ${batch.batchIndex} counts since ${timeText(batch.matureAt)}: too late for a veto`,
      {
        next: "cut it off through the timelock: npx hardhat stream reopen --help",
      },
    );
  }
  const call = callOf(
    context,
    "registry",
    "veto",
    [streamId, batch],
    `Veto batch ${batch.batchIndex} of stream ${streamId}`,
  );
  const { guardians } = context.deployment.settings;
  const sender = await roleSender(context, "registry", "GUARDIAN_ROLE", guardians);
  return makeChange(context.provider, call, sender, [
    exactly(`batch ${batch.batchIndex} of stream ${streamId}`, "vetoed", read),
  ]);
}

/**
 * Batches that one call cuts, at most. A batch is 64 bytes of calldata, and common nodes take no transaction above 128 KiB
 * (131,072 bytes): 1,000 are 64 KB, half of that, which leaves a multisig room to wrap the call. Scheduling 1,000 takes
 * 1.68 million gas and executing them 2.57 million (measured), of the 16.8 million that a transaction may take at most.
 */
export const CUT_LIMIT = 1_000;

/** How a stream is cut. */
export interface ReopenOptions {
  /** Accepts a stream that has an anchorer: a batch anchored while the timelock waits makes the call stale. */
  readonly allowLive?: boolean;
  /** Batches a call, at most; from 1. */
  readonly limit?: number;
}

/**
 * Cuts every batch after `keepIndex` and begins a new epoch, through the timelock. The cut chain is read from the
 * chain's logs and hashed here, so a node that leaves a batch out is noticed before anything is scheduled.
 *
 * A long tail takes several calls, each a new epoch. They can all be scheduled at once, and are executed in the order
 * given: the registry takes a cut only from its head, so it refuses one whose newer batches are still there.
 *
 * @returns at least one change, newest batches first; after some of them were made, those that are left, unaltered.
 * @throws RefusedError for a stream that is not suspended; CheckError when the logs do not lead to the stream's head.
 */
export async function reopenStream(
  context: ChangeContext,
  streamId: string,
  keepIndex: bigint,
  { allowLive = false, limit = CUT_LIMIT }: ReopenOptions = {},
): Promise<Change[]> {
  const head = await requireStream(context, streamId);
  if (head.anchorer !== ZeroAddress && !allowLive && head.batchIndex > keepIndex) {
    throw new RefusedError(
      `stream ${streamId} is not suspended: ${head.anchorer} can anchor while the timelock waits`,
      {
        next: `npx hardhat stream anchorer --stream ${streamId} --suspend …`,
      },
    );
  }
  const steps = await streamCuts(context.provider, context.deployment, streamId, keepIndex, limit);
  return Promise.all(steps.map((step) => cutChange(context, streamId, step)));
}

/**
 * One call of {@link reopenStream}, as it was scheduled.
 *
 * @param count Batches that it cuts.
 * @throws CheckError while the stream has newer batches than it cuts.
 */
export async function reopenStep(
  context: ChangeContext,
  streamId: string,
  keepIndex: bigint,
  count: number,
): Promise<Change | undefined> {
  const { batchIndex } = await requireStream(context, streamId);
  if (batchIndex > keepIndex + BigInt(count)) {
    throw new CheckError(
      `the cut of ${count} batches after batch ${keepIndex} of stream ${streamId} comes after that of newer ones: ` +
        `expected batch ${keepIndex + BigInt(count)} to be the newest, got ${batchIndex}`,
      { next: "npx hardhat stream reopen, run again: it goes through the cuts in order" },
    );
  }
  const [step] = await streamCuts(context.provider, context.deployment, streamId, keepIndex);
  return step === undefined ? undefined : cutChange(context, streamId, step);
}

async function cutChange(context: ChangeContext, streamId: string, step: StreamCut): Promise<Change> {
  const { keepIndex, end, stateRoot, cut } = step;
  const call = callOf(
    context,
    "registry",
    "reopen",
    [streamId, keepIndex, end, stateRoot, cut],
    `Cut ${cut.length} batches after batch ${keepIndex} of stream ${streamId}`,
  );
  return makeChange(context.provider, call, timelockSender(context), [
    exactly(`newest batch of stream ${streamId}`, headText(keepIndex, step), async (now) => {
      const head = await requireStream({ ...context, provider: now }, streamId);
      return headText(head.batchIndex, head);
    }),
  ]);
}

/** The stream's head; undefined when no such stream was opened. */
export async function streamHead(context: ChangeContext, now: Provider, streamId: string) {
  try {
    return await contractsOf(context, now).registry.head(streamId);
  } catch (error) {
    if (revertName(error) === "StreamUnknown") return undefined;
    throw error;
  }
}

async function requireStream(context: ChangeContext, streamId: string) {
  const head = await streamHead(context, context.provider, streamId);
  if (head !== undefined) return head;
  throw InputError.expected("stream", "the id of an open stream", streamId, "npx hardhat stream open --help");
}

const COUNTS = "counts";

async function batchState(
  context: ChangeContext,
  now: Provider,
  streamId: string,
  batch: BatchRef,
): Promise<string> {
  try {
    await contractsOf(context, now).registry.requireUsable(streamId, batch);
    return COUNTS;
  } catch (error) {
    const name = revertName(error);
    if (name === "BatchNotMature") return `counts from ${timeText(batch.matureAt)}`;
    if (name === "BatchIsVetoed") return "vetoed";
    if (name === "BatchUnknown") return "not among the stream's 256 newest batches";
    throw error;
  }
}

function anchorerText(anchorer: string): string {
  return anchorer === ZeroAddress ? "nobody (suspended)" : anchorer;
}

function headText(index: bigint, { end, stateRoot }: Pick<StreamCut, "end" | "stateRoot">): string {
  return `${index}, up to sequence ${end}, state root ${stateRoot}`;
}
