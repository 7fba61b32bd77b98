import { toHex } from "../../core/bytes.ts";
import type { Sql } from "../store/index.ts";
import { latestCheckpoint, type StreamKey } from "../tree/index.ts";

/** A stream of a tenant. */
export interface StreamRow {
  readonly store: string;
  /** 32 bytes. */
  readonly streamId: Uint8Array;
  /** Last sequence number; 0 while it is empty. */
  readonly head: bigint;
  /** Milliseconds since the epoch. */
  readonly openedAt: bigint;
}

const COLUMNS = `store_id AS store, stream_id AS "streamId", head, opened_at AS "openedAt"`;

/** A tenant's streams, by their UUIDs. */
export async function listStreams(sql: Sql, tenant: string): Promise<StreamRow[]> {
  return await sql.query<StreamRow>(
    `SELECT ${COLUMNS} FROM proofx.streams WHERE tenant_id = $1 ORDER BY store_id`,
    [tenant],
  );
}

/** One stream; undefined when the tenant has none of this name. */
export async function findStream(sql: Sql, { tenant, store }: StreamKey): Promise<StreamRow | undefined> {
  const [row] = await sql.query<StreamRow>(
    `SELECT ${COLUMNS} FROM proofx.streams WHERE tenant_id = $1 AND store_id = $2`,
    [tenant, store],
  );
  return row;
}

/** How far a stream is, and how far what is published of it. */
export interface StreamHead {
  /** Last sequence number; 0 while it is empty. */
  readonly sequence: bigint;
  /** Size of the newest checkpoint; 0 before the first. */
  readonly checkpoint: bigint;
  readonly batch: { readonly index: bigint; readonly end: bigint; readonly stateRoot: string } | undefined;
}

/** The head; undefined when the tenant has no such stream. */
export async function readHead(sql: Sql, stream: StreamKey): Promise<StreamHead | undefined> {
  const row = await findStream(sql, stream);
  if (row === undefined) return undefined;
  const [batch] = await sql.query<{ batch_index: bigint; end_sequence: bigint; state_root: Uint8Array }>(
    `SELECT batch_index, end_sequence, state_root FROM proofx.batches WHERE tenant_id = $1 AND store_id = $2
     ORDER BY batch_index DESC LIMIT 1`,
    [stream.tenant, stream.store],
  );
  return {
    sequence: row.head,
    checkpoint: (await latestCheckpoint(sql, stream))?.size ?? 0n,
    batch:
      batch === undefined
        ? undefined
        : { index: batch.batch_index, end: batch.end_sequence, stateRoot: toHex(batch.state_root) },
  };
}
