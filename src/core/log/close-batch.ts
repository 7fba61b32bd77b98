import { SCALAR_ORDER } from "../bn254.ts";
import { requireLength, uintFromBytes } from "../bytes.ts";
import { InputError } from "../errors.ts";
import { U64_MAX } from "../u64.ts";
import { batchRoot, MAX_BATCH_COUNT } from "./batch-tree.ts";
import type { SequencedEvent } from "./event.ts";
import { eventLeaf, streamId } from "./leaf.ts";
import { appendToLog, EMPTY_LOG, type LogFrontier, logRoot } from "./log-frontier.ts";
import { type BatchRoots, contentRoot, stateRoot } from "./state-root.ts";

/** A stream up to its last closed batch: all that the next batch builds on. */
export interface StreamState {
  /** Last sequence number; 0 before the first batch. */
  readonly end: bigint;
  /** 32 bytes; zero before the first batch. */
  readonly stateRoot: Uint8Array;
  /** The stream's log at size `end`. */
  readonly log: LogFrontier;
}

/** A stream before its first batch. */
export const EMPTY_STREAM: StreamState = { end: 0n, stateRoot: new Uint8Array(32), log: EMPTY_LOG };

/** The struct `Batch` of IAnchorRegistry.sol; sequence numbers inclusive. */
export interface Batch extends BatchRoots {
  readonly startSequence: bigint;
  readonly endSequence: bigint;
  readonly count: number;
}

export interface BatchInput {
  /** UUIDs. */
  readonly tenant: string;
  readonly store: string;
  /** Without gaps from `previous.end + 1`, 1 to 2^18 of them. Their signatures are checked before (`verifyEvent`). */
  readonly events: readonly SequencedEvent[];
  readonly previous: StreamState;
  /** 32 bytes below the scalar order; zero if and only if no event carries a facts commitment. */
  readonly factsRoot: Uint8Array;
}

export interface ClosedBatch {
  readonly streamId: Uint8Array;
  readonly batch: Batch;
  /** The events' leaves in order, for inclusion proofs. */
  readonly leaves: readonly Uint8Array[];
  /** `R` in docs/formats.md. */
  readonly contentRoot: Uint8Array;
  /** What the anchor registry answers for this batch. */
  readonly stateRoot: Uint8Array;
  /** `previous` of the next batch. */
  readonly next: StreamState;
}

/** A batch as its leaves tell it, for whoever has not the events themselves. */
export interface LeavesInput extends Pick<BatchInput, "tenant" | "store" | "previous" | "factsRoot"> {
  /** Of the events from `previous.end + 1` on, 1 to 2^18 of them, 32 bytes each. */
  readonly leaves: readonly Uint8Array[];
}

/**
 * Closes a batch: computes what is anchored.
 *
 * @throws InputError for what the anchor registry would refuse, and for events of another stream.
 */
export function closeBatch(input: BatchInput): ClosedBatch {
  requireEvents(input);
  const withFacts = input.events.filter(({ event }) => event.factsCommitment !== undefined).length;
  requireFactsRoot(input.factsRoot, withFacts);
  return closeLeaves({ ...input, leaves: input.events.map(eventLeaf) });
}

/**
 * Closes a batch whose leaves were computed when its events were checked.
 *
 * @throws InputError for what the anchor registry would refuse.
 */
export function closeLeaves({ tenant, store, previous, leaves, factsRoot }: LeavesInput): ClosedBatch {
  requireRange(previous, leaves.length);
  const log = appendToLog(previous.log, leaves);
  const batch: Batch = {
    startSequence: previous.end + 1n,
    endSequence: previous.end + BigInt(leaves.length),
    count: leaves.length,
    batchRoot: batchRoot(leaves),
    factsRoot: requireBelowOrder(factsRoot),
    logRoot: logRoot(log),
  };
  const id = streamId(tenant, store);
  const content = contentRoot(batch);
  const root = stateRoot({
    streamId: id,
    previous: previous.stateRoot,
    contentRoot: content,
    start: batch.startSequence,
    end: batch.endSequence,
    count: batch.count,
  });
  const next = { end: batch.endSequence, stateRoot: root, log };
  return { streamId: id, batch, leaves, contentRoot: content, stateRoot: root, next };
}

function requireRange(previous: StreamState, count: number): void {
  if (count < 1 || count > MAX_BATCH_COUNT) {
    throw InputError.expected("events of a batch", `1 to ${MAX_BATCH_COUNT}`, count);
  }
  if (previous.log.size !== previous.end) {
    throw InputError.expected(
      "log size of the previous state",
      `its end, ${previous.end}`,
      previous.log.size,
    );
  }
  if (previous.end + BigInt(count) >= U64_MAX) {
    throw InputError.expected("end of the batch", "below 2^64 - 1", previous.end + BigInt(count));
  }
}

function requireEvents({ tenant, store, events, previous }: BatchInput): void {
  requireRange(previous, events.length);
  const seen = new Set<string>();
  events.forEach(({ sequence, event }, i) => {
    const expected = previous.end + BigInt(i + 1);
    if (sequence !== expected)
      throw InputError.expected(`events[${i}].sequence_number`, String(expected), sequence);
    if (event.tenantId !== tenant)
      throw InputError.expected(`events[${i}].tenant_id`, tenant, event.tenantId);
    if (event.storeId !== store) throw InputError.expected(`events[${i}].store_id`, store, event.storeId);
    if (seen.has(event.eventId))
      throw InputError.expected(`events[${i}].event_id`, "a new one", event.eventId);
    seen.add(event.eventId);
  });
}

function requireFactsRoot(factsRoot: Uint8Array, withFacts: number): void {
  const root = uintFromBytes(requireBelowOrder(factsRoot));
  if ((root === 0n) !== (withFacts === 0)) {
    const expected =
      withFacts === 0 ? "0, as no event carries facts" : `not 0, as ${withFacts} events carry facts`;
    throw InputError.expected("facts root", expected, root);
  }
}

function requireBelowOrder(factsRoot: Uint8Array): Uint8Array {
  const root = uintFromBytes(requireLength("facts root", factsRoot, 32));
  if (root >= SCALAR_ORDER)
    throw InputError.expected("facts root", "a number below the BN254 scalar order", root);
  return factsRoot;
}
