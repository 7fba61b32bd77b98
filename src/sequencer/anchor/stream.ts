import { toHex } from "../../core/bytes.ts";
import { CheckError } from "../../core/errors.ts";
import type { StreamKey } from "../batches/rows.ts";
import type { AnchorContext, WaitCause, Waiting } from "./context.ts";
import { findPlace } from "./inclusion.ts";
import type { ChainHead } from "./registry-calls.ts";
import type { AnchorRow } from "./store.ts";

/** A batch that can be sent now, and what it is built on. */
export interface Candidate {
  readonly batch: AnchorRow;
  /** 0x hex. */
  readonly previousStateRoot: string;
}

/** What a look at one stream came to. */
export type Look =
  | { readonly kind: "candidate"; readonly candidate: Candidate }
  /** Every batch is in a block. */
  | { readonly kind: "done" }
  | { readonly kind: "wait"; readonly waiting: Waiting };

export interface StreamOnChain extends StreamKey {
  readonly streamId: Uint8Array;
}

const wait = (cause: WaitCause, detail: string): Look => ({ kind: "wait", waiting: { cause, detail } });

/**
 * Compares a stream's batches with its head on the chain, follows what became of those sent, and finds the next to send.
 *
 * @param at The block that a quorum of endpoints has reached; everything is read as of it.
 */
export async function lookAtStream(context: AnchorContext, stream: StreamOnChain, at: number): Promise<Look> {
  const { calls, store, key, now } = context;
  const id = toHex(stream.streamId);
  const head = await calls.head(id, at);
  if (head === undefined)
    return wait("stream-unknown", `stream ${id} is not open in the registry: npx hardhat stream open`);
  const foreign = await judgeHead(context, stream, head);
  if (foreign !== undefined) return foreign;
  const lost = await takeBack(context, stream, head, at);
  if (lost !== undefined) return lost;
  const unfinished = await store.unfinished(stream);
  for (const batch of unfinished) {
    if (batch.endSequence <= head.end) await settle(context, batch, at);
    else if (batch.updatedAt === null) await store.announce(batch, now());
  }
  const batch = await store.batchAfter(stream, head.end);
  if (batch === undefined) return { kind: "done" };
  if (head.anchorer === undefined)
    return wait("suspended", `stream ${id} is suspended in the registry: it takes no batch from anybody`);
  if (head.anchorer !== key.address)
    return wait(
      "wrong-anchorer",
      `stream ${id} takes batches from ${head.anchorer}, and this key is ${key.address}`,
    );
  return { kind: "candidate", candidate: { batch, previousStateRoot: head.stateRoot } };
}

/** Whether the chain's newest batch is one of ours; if not, what is to be said. */
async function judgeHead(
  { store }: AnchorContext,
  stream: StreamOnChain,
  { end, batchIndex, stateRoot }: ChainHead,
): Promise<Look | undefined> {
  if (batchIndex === 0n) return undefined;
  const id = toHex(stream.streamId);
  const ours = await store.batchAt(stream, end);
  if (ours !== undefined && ours.batchIndex === batchIndex && toHex(ours.stateRoot) === stateRoot)
    return undefined;
  const newest = await store.batchAt(stream, "newest");
  if (ours === undefined && newest !== undefined && newest.endSequence < end) {
    return wait(
      "chain-ahead",
      `stream ${id}: the chain has batch ${batchIndex} up to event ${end}, and this log's batches end at ` +
        `${newest.endSequence}: this log lost its end, or another one anchors`,
    );
  }
  return wait(
    "fork",
    `stream ${id}: the chain's batch ${batchIndex} up to event ${end} has state root ${stateRoot}, which is not this log's ` +
      `${ours === undefined ? "" : `${toHex(ours.stateRoot)} `}of any of its batches: the log was forked`,
  );
}

/** Batches that were in a block and are not any more: sent again after a reorganisation, not after a cut. */
async function takeBack(
  { store, calls, events, limits, now }: AnchorContext,
  stream: StreamOnChain,
  head: ChainHead,
  at: number,
): Promise<Look | undefined> {
  const lost = await store.landedAfter(stream, head.end);
  const [first] = lost;
  if (first === undefined) return undefined;
  const id = toHex(stream.streamId);
  if (head.epoch > 0n && !limits.resubmitCut.has(id)) {
    const cut = await calls.wasReopened(id, Number(first.blockNumber ?? calls.since), at);
    if (cut) {
      return wait(
        "cut",
        `stream ${id}: the timelock cut batch ${first.batchIndex} and what follows; to anchor them again, name the stream in ` +
          "resubmit_cut of the configuration",
      );
    }
  }
  for (const batch of lost) {
    await store.displace(batch, now());
    events.reorganised(batch);
  }
  return undefined;
}

/** Finds where a batch that the chain has was anchored, and takes it for anchored once it is deep enough. */
async function settle(context: AnchorContext, batch: AnchorRow, at: number): Promise<void> {
  const { store, events, limits, now } = context;
  const placed = await findPlace(context, batch, at);
  const isNew = batch.blockHash === null || toHex(batch.blockHash) !== placed.blockHash;
  if (isNew) {
    await store.place(batch, placed, "included", now());
    events.included(batch, placed.blockNumber);
  }
  if (at - placed.blockNumber + 1 < limits.confirmations) return;
  if (placed.chainBatchIndex !== batch.batchIndex)
    throw new CheckError(`batch ${batch.batchIndex} stands in the chain as ${placed.chainBatchIndex}`);
  await store.place(batch, placed, "anchored", now());
  events.anchored(batch);
}
