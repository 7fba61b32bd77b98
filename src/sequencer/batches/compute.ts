import { uint } from "../../core/bytes.ts";
import { type ClosedBatch, closeLeaves, type StreamState, streamId } from "../../core/log/index.ts";
import { factsTreeOf } from "./facts-tree.ts";

/** An event with facts: all that a facts tree takes of it. */
export interface FactsRow {
  readonly sequence: bigint;
  /** UUID. */
  readonly agentId: string;
  /** 32 bytes. */
  readonly factsCommitment: Uint8Array;
}

/** What a batch is computed from: no payload, no signature. */
export interface BatchRows {
  /** UUIDs. */
  readonly tenant: string;
  readonly store: string;
  readonly previous: StreamState;
  /** Leaves of the events from `previous.end + 1` on, 32 bytes each, one after the other. */
  readonly leaves: Uint8Array;
  /** Those of the events that carry facts, in sequence order. */
  readonly facts: readonly FactsRow[];
}

/** A batch without its leaves: they are in the rows that it was computed from. */
export type ComputedBatch = Omit<ClosedBatch, "leaves">;

/**
 * Computes a batch from rows. The same rows give the same batch, whoever computes it and whenever.
 *
 * @throws InputError for what the anchor registry would refuse.
 */
export function computeBatch({ tenant, store, previous, leaves, facts }: BatchRows): ComputedBatch {
  const { root } = factsTreeOf(streamId(tenant, store), facts);
  const { leaves: _, ...closed } = closeLeaves({
    tenant,
    store,
    previous,
    leaves: splitWords(leaves),
    factsRoot: uint("facts root", root, 32),
  });
  return closed;
}

/** The 32-byte words of a longer value, without copying them. */
export function splitWords(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: bytes.length / 32 }, (_, index) => bytes.subarray(index * 32, index * 32 + 32));
}
