import { concatBytes, toHex } from "../../core/bytes.ts";
import { CheckError } from "../../core/errors.ts";
import { EMPTY_STREAM, type StreamState } from "../../core/log/index.ts";
import type { Sql } from "../store/index.ts";
import { type BatchRows, type ComputedBatch, type FactsRow, splitWords } from "./compute.ts";

/** A stream by its two UUIDs. */
export interface StreamKey {
  readonly tenant: string;
  readonly store: string;
}

/** A stream with events that no batch holds yet. */
export interface OpenRange extends StreamKey {
  /** 32 bytes. */
  readonly streamId: Uint8Array;
  /** Last sequence number in a batch; 0 before the first. */
  readonly closed: bigint;
  readonly head: bigint;
  /** When the first event of the range was sequenced, ms. */
  readonly since: bigint;
}

/** One row of `proofx.batches`. */
export interface BatchRow extends StreamKey {
  readonly batchIndex: bigint;
  readonly startSequence: bigint;
  readonly endSequence: bigint;
  readonly batchRoot: Uint8Array;
  readonly factsRoot: Uint8Array;
  readonly logRoot: Uint8Array;
  readonly stateRoot: Uint8Array;
  readonly frontier: Uint8Array;
  /** ms. */
  readonly closedAt: bigint;
}

/** Columns of a `BatchRow`, for queries that read it. */
export const BATCH_COLUMNS = `b.tenant_id AS tenant, b.store_id AS store, b.batch_index AS "batchIndex",
  b.start_sequence AS "startSequence", b.end_sequence AS "endSequence", b.batch_root AS "batchRoot",
  b.facts_root AS "factsRoot", b.log_root AS "logRoot", b.state_root AS "stateRoot", b.frontier, b.closed_at AS "closedAt"`;

/** Rows read at once: a few hundred bytes each. */
const CHUNK = 8_192n;

/** Streams whose head is above their last batch. */
export async function openRanges(sql: Sql): Promise<OpenRange[]> {
  return await sql.query<OpenRange>(
    `SELECT s.tenant_id AS tenant, s.store_id AS store, s.stream_id AS "streamId", s.head, c.closed,
       e.sequenced_at AS since
     FROM proofx.streams s
     CROSS JOIN LATERAL (
       SELECT coalesce(max(b.end_sequence), 0) AS closed FROM proofx.batches b
       WHERE b.tenant_id = s.tenant_id AND b.store_id = s.store_id
     ) c
     JOIN proofx.events e ON e.tenant_id = s.tenant_id AND e.store_id = s.store_id AND e.sequence = c.closed + 1
     WHERE s.head > c.closed
     ORDER BY e.sequenced_at, s.stream_id`,
  );
}

/** A stream's newest batch. */
export async function lastBatch(sql: Sql, { tenant, store }: StreamKey): Promise<BatchRow | undefined> {
  const [row] = await sql.query<BatchRow>(
    `SELECT ${BATCH_COLUMNS} FROM proofx.batches b WHERE b.tenant_id = $1 AND b.store_id = $2
     ORDER BY b.batch_index DESC LIMIT 1`,
    [tenant, store],
  );
  return row;
}

/** What the batch after `batch` builds on. */
export function stateAfter(batch: BatchRow | undefined): StreamState {
  if (batch === undefined) return EMPTY_STREAM;
  const { endSequence, stateRoot, frontier } = batch;
  return { end: endSequence, stateRoot, log: { size: endSequence, peaks: splitWords(frontier) } };
}

/**
 * Reads what a batch from `previous.end + 1` to `end` is made of.
 *
 * @param run Runs one short piece of reading.
 * @throws CheckError when the rows have a gap.
 */
export async function readRange(
  run: <T>(work: (sql: Sql) => Promise<T>) => Promise<T>,
  { tenant, store }: StreamKey,
  previous: StreamState,
  end: bigint,
): Promise<BatchRows> {
  const leaves = new Uint8Array(Number(end - previous.end) * 32);
  const facts: FactsRow[] = [];
  let next = previous.end + 1n;
  while (next <= end) {
    const last = next + CHUNK - 1n < end ? next + CHUNK - 1n : end;
    const rows = await run((sql) =>
      sql.query<{ sequence: bigint; leaf: Uint8Array; agent: string; commitment: Uint8Array | null }>(
        `SELECT e.sequence, e.leaf, e.source_agent_id AS agent, e.facts_commitment AS commitment FROM proofx.events e
         WHERE e.tenant_id = $1 AND e.store_id = $2 AND e.sequence BETWEEN $3 AND $4 ORDER BY e.sequence`,
        [tenant, store, next, last],
      ),
    );
    for (const { sequence, leaf, agent, commitment } of rows) {
      if (sequence !== next) break;
      leaves.set(leaf, Number(sequence - previous.end - 1n) * 32);
      if (commitment !== null) facts.push({ sequence, agentId: agent, factsCommitment: commitment });
      next += 1n;
    }
    if (next <= last) throw new CheckError(`store ${store}: event ${next} is missing below the head`);
  }
  return { tenant, store, previous, leaves, facts };
}

/** Keeps a computed batch as the one after `previous`. */
export async function insertBatch(
  sql: Sql,
  { tenant, store }: StreamKey,
  batchIndex: bigint,
  { batch, stateRoot, next }: ComputedBatch,
  now: number,
): Promise<BatchRow> {
  const row: BatchRow = {
    tenant,
    store,
    batchIndex,
    startSequence: batch.startSequence,
    endSequence: batch.endSequence,
    batchRoot: batch.batchRoot,
    factsRoot: batch.factsRoot,
    logRoot: batch.logRoot,
    stateRoot,
    frontier: concatBytes(...next.log.peaks),
    closedAt: BigInt(now),
  };
  await sql.query(
    `INSERT INTO proofx.batches (tenant_id, store_id, batch_index, start_sequence, end_sequence, batch_root, facts_root,
       log_root, state_root, frontier, closed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      ...[tenant, store, batchIndex, row.startSequence, row.endSequence],
      ...[row.batchRoot, row.factsRoot, row.logRoot, row.stateRoot, row.frontier, row.closedAt],
    ],
  );
  return row;
}

/** A stream's name in locks and log lines. */
export const nameOf = (streamId: Uint8Array): string => toHex(streamId);
