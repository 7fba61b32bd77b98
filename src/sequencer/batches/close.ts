import { sumOfEach } from "../../core/each.ts";
import { MAX_BATCH_COUNT } from "../../core/log/index.ts";
import type { Database, Sql } from "../store/index.ts";
import type { BatchRows, ComputedBatch } from "./compute.ts";
import {
  type BatchRow,
  insertBatch,
  lastBatch,
  nameOf,
  type OpenRange,
  openRanges,
  readRange,
  stateAfter,
} from "./rows.ts";

/** When a batch is closed. */
export interface ClosingLimits {
  /** Events; at most 2^18. */
  readonly size: number;
  /** How long the oldest event may wait for its batch, ms. */
  readonly age: number;
}

export interface Closing {
  /** As role `anchor`. */
  readonly db: Database;
  readonly limits: ClosingLimits;
  readonly compute: (rows: BatchRows) => Promise<ComputedBatch>;
  readonly now: () => number;
  /** A batch is closed and durable. */
  readonly closed: (batch: BatchRow, stream: OpenRange) => void;
}

/**
 * Closes every batch that is full or old enough, of all streams. Several processes may do this at once: each stream has one
 * closer at a time, and the others pass it over.
 *
 * @returns How many were closed.
 * @throws What the first stream that failed did, after the others were closed: CheckError when its rows have a gap.
 */
export async function closeDue(closing: Closing): Promise<number> {
  const ranges = await closing.db.transaction(null, openRanges);
  return await sumOfEach(ranges, (range) => closeAll(closing, range));
}

async function closeAll(closing: Closing, range: OpenRange): Promise<number> {
  let closed = range.closed;
  for (let count = 0; ; count++) {
    if (!isDue(closing, { ...range, closed })) return count;
    const batch = await closeNext(closing, { ...range, closed });
    if (batch === undefined) return count;
    closing.closed(batch, range);
    closed = batch.endSequence;
    // How long what is left has waited is seen by the next look.
    if (range.head - closed < BigInt(sizeOf(closing.limits))) return count + 1;
  }
}

function isDue({ limits, now }: Closing, { head, closed, since }: OpenRange): boolean {
  return head - closed >= BigInt(sizeOf(limits)) || BigInt(now()) - since >= BigInt(limits.age);
}

const sizeOf = ({ size }: ClosingLimits): number => Math.min(size, MAX_BATCH_COUNT);

/** Closes the stream's next batch; undefined when another process is at it, or was. */
async function closeNext(
  { db, limits, compute, now }: Closing,
  range: OpenRange,
): Promise<BatchRow | undefined> {
  return await exclusively(db, range, async (run) => {
    const previous = await run((sql) => lastBatch(sql, range));
    const state = stateAfter(previous);
    if (state.end !== range.closed) return undefined;
    const most = state.end + BigInt(sizeOf(limits));
    const end = range.head < most ? range.head : most;
    const computed = await compute(await readRange(run, range, state, end));
    return await run((sql) => insertBatch(sql, range, (previous?.batchIndex ?? 0n) + 1n, computed, now()));
  });
}

type Run = <T>(work: (sql: Sql) => Promise<T>) => Promise<T>;

/**
 * Lets one closer work on a stream. On PostgreSQL by a lock that ends with the transaction, so that a killed process leaves
 * none behind; the embedded database has one process, which must not be kept from it while a batch is computed.
 */
async function exclusively<T>(
  db: Database,
  { streamId }: OpenRange,
  work: (run: Run) => Promise<T>,
): Promise<T | undefined> {
  if (db.kind === "pglite") return await work((piece) => db.transaction(null, piece));
  return await db.transaction(null, async (sql) => {
    const [lock] = await sql.query<{ taken: boolean }>(
      "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS taken",
      [`proofx batch of ${nameOf(streamId)}`],
    );
    return lock?.taken === true ? await work((piece) => piece(sql)) : undefined;
  });
}
