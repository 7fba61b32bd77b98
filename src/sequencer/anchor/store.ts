import { fromHex, toHex } from "../../core/bytes.ts";
import { BATCH_COLUMNS, type BatchRow, type StreamKey } from "../batches/rows.ts";
import type { Database, Sql } from "../store/index.ts";

export const STATUSES = ["pending", "included", "anchored"] as const;
export type AnchorStatus = (typeof STATUSES)[number];

/** A closed batch and what became of it on the chain. */
export interface AnchorRow extends BatchRow {
  readonly streamId: Uint8Array;
  readonly status: AnchorStatus;
  /** Every transaction ever signed for it, newest last. */
  readonly hashes: readonly Uint8Array[];
  /** The one that is in a block, and that block. */
  readonly transactionHash: Uint8Array | null;
  readonly blockNumber: bigint | null;
  readonly blockHash: Uint8Array | null;
  readonly chainBatchIndex: bigint | null;
  /** Unix time, s. */
  readonly matureAt: bigint | null;
  /** ms. */
  readonly updatedAt: bigint | null;
}

/** A signed transaction that anchors a batch. */
export interface Attempt extends StreamKey {
  readonly batchIndex: bigint;
  readonly nonce: bigint;
  /** 0x hex. */
  readonly hash: string;
  readonly raw: string;
  /** Wei a unit of gas, decimal. */
  readonly maxFeePerGas: string;
  readonly maxPriorityFeePerGas: string;
  /** ms. */
  readonly signedAt: bigint;
}

/** Where a batch was found in the chain. */
export interface Placed {
  readonly hash: string;
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly chainBatchIndex: bigint;
  readonly matureAt: bigint;
}

const ANCHOR_COLUMNS = `${BATCH_COLUMNS}, s.stream_id AS "streamId", coalesce(a.status, 'pending') AS status,
  coalesce(a.transaction_hashes, '{}') AS hashes, a.transaction_hash AS "transactionHash",
  a.block_number AS "blockNumber", a.block_hash AS "blockHash", a.chain_batch_index AS "chainBatchIndex",
  a.mature_at AS "matureAt", a.updated_at AS "updatedAt"`;
const ANCHOR_FROM = `FROM proofx.batches b
  JOIN proofx.streams s ON s.tenant_id = b.tenant_id AND s.store_id = b.store_id
  LEFT JOIN proofx.anchors a ON a.tenant_id = b.tenant_id AND a.store_id = b.store_id
    AND a.batch_index = b.batch_index AND a.chain_id = $1 AND a.registry = $2`;
const ONE = "tenant_id = $3 AND store_id = $4 AND batch_index = $5 AND chain_id = $1 AND registry = $2";

/** Batches of a stream that are looked at in one round. */
const MOST = 64;

/** What the database keeps of one registry on one chain, anchored by one sender. */
export class AnchorStore {
  readonly #db: Database;
  readonly #chainId: bigint;
  readonly #registry: Uint8Array;
  readonly #sender: Uint8Array;

  /** @param db As role `anchor`. */
  constructor(db: Database, chainId: bigint, registry: string, sender: string) {
    this.#db = db;
    this.#chainId = chainId;
    this.#registry = fromHex("registry", registry.toLowerCase(), 20);
    this.#sender = fromHex("sender", sender.toLowerCase(), 20);
  }

  /** Streams that have batches; only those with one that is not anchored, unless `all`. */
  async streams(all: boolean): Promise<(StreamKey & { readonly streamId: Uint8Array })[]> {
    return await this.#query(
      `SELECT DISTINCT b.tenant_id AS tenant, b.store_id AS store, s.stream_id AS "streamId" ${ANCHOR_FROM}
       WHERE $3 OR a.status IS DISTINCT FROM 'anchored' ORDER BY 3`,
      [all],
    );
  }

  /** The oldest batches of a stream that are not anchored for good. */
  async unfinished({ tenant, store }: StreamKey): Promise<AnchorRow[]> {
    return await this.#query(
      `SELECT ${ANCHOR_COLUMNS} ${ANCHOR_FROM} WHERE b.tenant_id = $3 AND b.store_id = $4
         AND a.status IS DISTINCT FROM 'anchored' ORDER BY b.batch_index LIMIT ${MOST}`,
      [tenant, store],
    );
  }

  /** Batches after `end` that were in a block once. */
  async landedAfter({ tenant, store }: StreamKey, end: bigint): Promise<AnchorRow[]> {
    return await this.#query(
      `SELECT ${ANCHOR_COLUMNS} ${ANCHOR_FROM} WHERE b.tenant_id = $3 AND b.store_id = $4
         AND b.end_sequence > $5 AND a.status IN ('included', 'anchored') ORDER BY b.batch_index`,
      [tenant, store, end],
    );
  }

  /** The stream's batch that ends at a sequence number, or its newest. */
  async batchAt({ tenant, store }: StreamKey, end: bigint | "newest"): Promise<AnchorRow | undefined> {
    const which = end === "newest" ? "" : "AND b.end_sequence = $5";
    const rows = await this.#query<AnchorRow>(
      `SELECT ${ANCHOR_COLUMNS} ${ANCHOR_FROM} WHERE b.tenant_id = $3 AND b.store_id = $4 ${which}
       ORDER BY b.batch_index DESC LIMIT 1`,
      end === "newest" ? [tenant, store] : [tenant, store, end],
    );
    return rows[0];
  }

  /** The batch that follows a stream's batch. */
  async batchAfter({ tenant, store }: StreamKey, end: bigint): Promise<AnchorRow | undefined> {
    const rows = await this.#query<AnchorRow>(
      `SELECT ${ANCHOR_COLUMNS} ${ANCHOR_FROM} WHERE b.tenant_id = $3 AND b.store_id = $4
         AND b.start_sequence = $5`,
      [tenant, store, end + 1n],
    );
    return rows[0];
  }

  /** Batches newest first, for people. */
  async list(query: { streamId?: Uint8Array; status?: AnchorStatus; limit: number }): Promise<AnchorRow[]> {
    return await this.#query(
      `SELECT ${ANCHOR_COLUMNS} ${ANCHOR_FROM}
       WHERE ($3::bytea IS NULL OR s.stream_id = $3) AND ($4::text IS NULL OR coalesce(a.status, 'pending') = $4)
       ORDER BY b.closed_at DESC, b.batch_index DESC LIMIT $5`,
      [query.streamId ?? null, query.status ?? null, query.limit],
    );
  }

  /** How many batches are in each status, and when the oldest pending one was closed (ms). */
  async counts(): Promise<
    { readonly status: AnchorStatus; readonly count: bigint; readonly oldest: bigint }[]
  > {
    return await this.#query(
      `SELECT coalesce(a.status, 'pending') AS status, count(*) AS count, min(b.closed_at) AS oldest ${ANCHOR_FROM}
       GROUP BY 1`,
      [],
    );
  }

  /** Transactions signed for an account nonce, oldest first. */
  async attemptsAt(nonce: number): Promise<Attempt[]> {
    return await this.#db.transaction(null, (sql) => this.#attempts(sql, nonce));
  }

  /**
   * Keeps a signed transaction, and with its batch that it was signed, before it is sent.
   *
   * @param seen How many were signed for its nonce when it was decided on.
   * @returns false when another process has signed one meanwhile: then this one must not be sent.
   */
  async keep(attempt: Attempt, seen: number): Promise<boolean> {
    const { tenant, store, batchIndex, nonce, hash, raw } = attempt;
    return await this.#db.transaction(null, async (sql) => {
      await sql.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [
        `proofx anchor ${this.#chainId} ${toHex(this.#sender)}`,
      ]);
      if ((await this.#attempts(sql, Number(nonce))).length !== seen) return false;
      const hashBytes = fromHex("hash", hash, 32);
      await sql.query(
        `INSERT INTO proofx.anchor_transactions (chain_id, sender, nonce, hash, raw, max_fee_per_gas,
           max_priority_fee_per_gas, signed_at, tenant_id, store_id, batch_index)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
        [
          ...[this.#chainId, this.#sender, nonce, hashBytes, fromHex("transaction", raw)],
          ...[
            attempt.maxFeePerGas,
            attempt.maxPriorityFeePerGas,
            attempt.signedAt,
            tenant,
            store,
            batchIndex,
          ],
        ],
      );
      await sql.query(
        `INSERT INTO proofx.anchors (chain_id, registry, tenant_id, store_id, batch_index, status, transaction_hashes,
           updated_at) VALUES ($1, $2, $3, $4, $5, 'pending', ARRAY[$6::bytea], $7)
         ON CONFLICT (tenant_id, store_id, batch_index, chain_id, registry) DO UPDATE
         SET transaction_hashes = anchors.transaction_hashes || $6::bytea, updated_at = $7`,
        [this.#chainId, this.#registry, tenant, store, batchIndex, hashBytes, attempt.signedAt],
      );
      return true;
    });
  }

  /** Makes a batch that nothing was signed for visibly pending. */
  async announce({ tenant, store, batchIndex }: AnchorRow, now: number): Promise<void> {
    await this.#query(
      `INSERT INTO proofx.anchors (chain_id, registry, tenant_id, store_id, batch_index, status, updated_at)
       VALUES ($1, $2, $3, $4, $5, 'pending', $6) ON CONFLICT DO NOTHING`,
      [tenant, store, batchIndex, BigInt(now)],
    );
  }

  /** A batch is in a block, for good or not. */
  async place(row: AnchorRow, placed: Placed, status: "included" | "anchored", now: number): Promise<void> {
    const { tenant, store, batchIndex } = row;
    await this.announce(row, now);
    await this.#query(
      `UPDATE proofx.anchors SET status = $6, transaction_hash = $7, block_number = $8, block_hash = $9,
         chain_batch_index = $10, mature_at = $11, updated_at = $12 WHERE ${ONE}`,
      [
        ...[tenant, store, batchIndex, status, fromHex("hash", placed.hash, 32), BigInt(placed.blockNumber)],
        ...[fromHex("block", placed.blockHash, 32), placed.chainBatchIndex, placed.matureAt, BigInt(now)],
      ],
    );
  }

  /** The chain took a batch back. */
  async displace({ tenant, store, batchIndex }: AnchorRow, now: number): Promise<void> {
    await this.#query(
      `UPDATE proofx.anchors SET status = 'pending', transaction_hash = NULL, block_number = NULL, block_hash = NULL,
         chain_batch_index = NULL, mature_at = NULL, updated_at = $6 WHERE ${ONE}`,
      [tenant, store, batchIndex, BigInt(now)],
    );
  }

  async #attempts(sql: Sql, nonce: number): Promise<Attempt[]> {
    const rows = await sql.query<Omit<Attempt, "hash" | "raw"> & { hash: Uint8Array; raw: Uint8Array }>(
      `SELECT tenant_id AS tenant, store_id AS store, batch_index AS "batchIndex", nonce, hash, raw,
         max_fee_per_gas AS "maxFeePerGas", max_priority_fee_per_gas AS "maxPriorityFeePerGas", signed_at AS "signedAt"
       FROM proofx.anchor_transactions WHERE chain_id = $1 AND sender = $2 AND nonce = $3 ORDER BY signed_at, hash`,
      [this.#chainId, this.#sender, nonce],
    );
    return rows.map((row) => ({ ...row, hash: toHex(row.hash), raw: toHex(row.raw) }));
  }

  async #query<Row>(text: string, values: Parameters<Sql["query"]>[1] & readonly unknown[]): Promise<Row[]> {
    return await this.#db.transaction(null, (sql) =>
      sql.query<Row>(text, [this.#chainId, this.#registry, ...(values ?? [])]),
    );
  }
}
