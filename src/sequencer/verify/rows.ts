import type { EventRowWithLeaf } from "../read/event-row.ts";

/** One row of `proofx.events`, as it is kept. */
export type EventRow = EventRowWithLeaf;

/** One row of `proofx.streams`. */
export interface StreamRow {
  readonly tenant_id: string;
  readonly store_id: string;
  readonly stream_id: Uint8Array;
  readonly head: bigint;
}

/** What is read of a row of `proofx.archives`: a range, both ends included. */
export interface ArchiveRow {
  readonly start_sequence: bigint;
  readonly end_sequence: bigint;
}

/** One row of `proofx.agent_keys`. */
export interface AgentKeyRow {
  readonly agent_id: string;
  readonly key_id: bigint;
  readonly public_key: Uint8Array;
  readonly registered_at: bigint;
  readonly revoked_at: bigint | null;
}

/** One row of `proofx.log_tiles`. */
export interface TileRow {
  readonly level: number;
  readonly tile_index: bigint;
  /** 256 hashes of 32 bytes. */
  readonly hashes: Uint8Array;
}

/** One row of `proofx.checkpoints`. */
export interface CheckpointRow {
  readonly size: bigint;
  readonly root: Uint8Array;
  readonly note: string;
  readonly frontier: Uint8Array;
}

/** One row of `proofx.anchors`, on the chain that is looked at. */
export interface AnchorRow {
  readonly batch_index: bigint;
  readonly status: string;
  readonly transaction_hash: Uint8Array | null;
  readonly block_number: bigint | null;
  readonly chain_batch_index: bigint | null;
  readonly mature_at: bigint | null;
}

/** One row of `proofx.service_keys`. */
export interface ServiceKeyRow {
  readonly purpose: string;
  readonly key_id: number;
  readonly public_key: Uint8Array;
}
