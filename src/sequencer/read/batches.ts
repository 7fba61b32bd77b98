import type { Sql } from "../store/index.ts";
import type { StreamKey } from "../tree/index.ts";

/** What became of a batch on a chain. */
export interface AnchorRow {
  readonly batchIndex: bigint;
  readonly chainId: bigint;
  /** The anchor registry's address, 20 bytes. */
  readonly registry: Uint8Array;
  readonly status: "pending" | "included" | "anchored";
  /** In a block; 32 bytes. */
  readonly transactionHash: Uint8Array | null;
  readonly blockNumber: bigint | null;
  readonly blockHash: Uint8Array | null;
  readonly chainBatchIndex: bigint | null;
  /** When the chain lets it count; seconds since the epoch. */
  readonly matureAt: bigint | null;
}

/** A closed batch. The roots have 32 bytes each. */
export interface AnchoredBatch {
  readonly index: bigint;
  readonly start: bigint;
  readonly end: bigint;
  readonly batchRoot: Uint8Array;
  readonly factsRoot: Uint8Array;
  readonly logRoot: Uint8Array;
  readonly stateRoot: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly closedAt: bigint;
  readonly anchors: readonly AnchorRow[];
}

/** Batches from an index (from 1) on, with their anchors. */
export async function listBatches(
  sql: Sql,
  { tenant, store }: StreamKey,
  from: bigint,
  limit: number,
): Promise<AnchoredBatch[]> {
  const batches = await sql.query<Omit<AnchoredBatch, "anchors">>(
    `SELECT batch_index AS index, start_sequence AS start, end_sequence AS "end", batch_root AS "batchRoot",
       facts_root AS "factsRoot", log_root AS "logRoot", state_root AS "stateRoot", closed_at AS "closedAt"
     FROM proofx.batches WHERE tenant_id = $1 AND store_id = $2 AND batch_index >= $3 ORDER BY batch_index LIMIT $4`,
    [tenant, store, from, limit],
  );
  const last = batches.at(-1);
  if (last === undefined) return [];
  const anchors = await sql.query<AnchorRow>(
    `SELECT batch_index AS "batchIndex", chain_id AS "chainId", registry, status, transaction_hash AS "transactionHash",
       block_number AS "blockNumber", block_hash AS "blockHash", chain_batch_index AS "chainBatchIndex",
       mature_at AS "matureAt"
     FROM proofx.anchors WHERE tenant_id = $1 AND store_id = $2 AND batch_index BETWEEN $3 AND $4
     ORDER BY batch_index, chain_id, registry`,
    [tenant, store, from, last.index],
  );
  return batches.map((batch) => ({
    ...batch,
    anchors: anchors.filter(({ batchIndex }) => batchIndex === batch.index),
  }));
}
