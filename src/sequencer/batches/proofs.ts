import { setImmediate as breathe } from "node:timers/promises";
import { type BatchInclusionProof, batchNode, PAD_LEAF } from "../../core/log/index.ts";
import type { Database, Sql } from "../store/index.ts";
import { BATCH_COLUMNS, type BatchRow, readRange, type StreamKey, stateAfter } from "./rows.ts";

/** A batch, and that an event is in it. */
export interface ProvedInBatch {
  readonly batch: BatchRow;
  /** The event's leaf, 32 bytes. */
  readonly leaf: Uint8Array;
  readonly proof: BatchInclusionProof;
}

/** Hashes between two turns of the event loop. */
const BREATH = 2_048;
/** Nodes of 32 bytes that are kept of batches asked for lately. */
const MOST_NODES = 2 ** 20;

type Levels = readonly (readonly Uint8Array[])[];

/** Proofs of place in VES batch trees, as any reader can check them with `verifyBatchInclusion`. */
export class BatchProofs {
  readonly #db: Database;
  /** Oldest use first. */
  readonly #trees = new Map<string, Promise<{ readonly count: number; readonly levels: Levels }>>();
  readonly #sizes = new Map<string, number>();

  /** @param db As role `app`, `anchor` or `keeper`. */
  constructor(db: Database) {
    this.#db = db;
  }

  /** The proof for an event; undefined while no batch holds it. */
  async prove(stream: StreamKey, sequence: bigint): Promise<ProvedInBatch | undefined> {
    const { tenant, store } = stream;
    const batch = await this.#run(tenant, (sql) => batchOf(sql, stream, sequence));
    if (batch === undefined) return undefined;
    const key = `${tenant} ${store} ${batch.batchIndex}`;
    const tree = this.#trees.get(key) ?? this.#load(batch);
    this.#keep(key, tree, Number(batch.endSequence - batch.startSequence + 1n));
    const { count, levels } = await tree.catch((error: unknown) => {
      this.#trees.delete(key);
      throw error;
    });
    const index = Number(sequence - batch.startSequence);
    const path = levels
      .slice(0, -1)
      .map((level, height) => level[Math.floor(index / 2 ** height) ^ 1] ?? PAD_LEAF);
    return { batch, leaf: levels[0]?.[index] ?? PAD_LEAF, proof: { index, count, path } };
  }

  #run<T>(tenant: string, work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#db.transaction(tenant, work);
  }

  async #load(batch: BatchRow): Promise<{ readonly count: number; readonly levels: Levels }> {
    const before = { ...stateAfter(undefined), end: batch.startSequence - 1n };
    const { leaves } = await readRange(
      (work) => this.#run(batch.tenant, work),
      batch,
      before,
      batch.endSequence,
    );
    const count = leaves.length / 32;
    const first = Array.from({ length: 2 ** Math.ceil(Math.log2(count)) }, (_, index) =>
      index < count ? leaves.subarray(index * 32, index * 32 + 32) : PAD_LEAF,
    );
    return { count, levels: await levelsOver(first) };
  }

  #keep(key: string, tree: Promise<{ count: number; levels: Levels }>, count: number): void {
    this.#trees.delete(key);
    this.#trees.set(key, tree);
    this.#sizes.set(key, 2 ** (Math.ceil(Math.log2(count)) + 1));
    let total = [...this.#trees.keys()].reduce((sum, each) => sum + (this.#sizes.get(each) ?? 0), 0);
    for (const oldest of [...this.#trees.keys()]) {
      if (total <= MOST_NODES || oldest === key) break;
      total -= this.#sizes.get(oldest) ?? 0;
      this.#trees.delete(oldest);
      this.#sizes.delete(oldest);
    }
  }
}

async function levelsOver(first: readonly Uint8Array[]): Promise<Levels> {
  const levels: Uint8Array[][] = [[...first]];
  for (let level = levels[0] ?? []; level.length > 1; level = levels.at(-1) ?? []) {
    const next: Uint8Array[] = [];
    for (let i = 0; i + 1 < level.length; i += 2) {
      next.push(batchNode(level[i] ?? PAD_LEAF, level[i + 1] ?? PAD_LEAF));
      if (next.length % BREATH === 0) await breathe();
    }
    levels.push(next);
  }
  return levels;
}

async function batchOf(
  sql: Sql,
  { tenant, store }: StreamKey,
  sequence: bigint,
): Promise<BatchRow | undefined> {
  const [row] = await sql.query<BatchRow>(
    `SELECT ${BATCH_COLUMNS} FROM proofx.batches b
     WHERE b.tenant_id = $1 AND b.store_id = $2 AND b.end_sequence >= $3 ORDER BY b.end_sequence LIMIT 1`,
    [tenant, store, sequence],
  );
  return row;
}
