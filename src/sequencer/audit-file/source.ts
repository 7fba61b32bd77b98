import type { Json } from "../../core/json.ts";
import { parseEvent, type VesEvent } from "../../core/log/index.ts";
import { type EventRowWithLeaf, sentAs, signedJson } from "../read/event-row.ts";
import type { Database, Sql } from "../store/index.ts";

/** An event's row, its payload still sealed. */
export type EventRow = EventRowWithLeaf;

export interface BatchRow {
  readonly start_sequence: bigint;
  readonly end_sequence: bigint;
  readonly batch_root: Uint8Array;
  readonly facts_root: Uint8Array;
  readonly log_root: Uint8Array;
  readonly state_root: Uint8Array;
  readonly previous: Uint8Array;
  readonly batch_index: bigint;
}

export interface CheckpointRow {
  readonly size: bigint;
  readonly root: Uint8Array;
  readonly note: string;
}

/** Opens what is sealed at rest: the canonical JSON of a row's payload. */
export type PayloadOpener = (
  stream: { readonly tenantId: string; readonly storeId: string },
  row: EventRow,
) => Promise<Json>;

/** The stream a file is about. UUIDs. */
export interface StreamName {
  readonly tenantId: string;
  readonly storeId: string;
}

/** A row as the event it holds. @throws InputError when the row was damaged. */
export function eventOf(row: EventRow, payload: Json): VesEvent {
  return parseEvent(signedJson(row, sentAs(row.payload_kind, payload)));
}

/** Reads rows of one stream; what it reads is only ever added to. */
export class StreamRows {
  readonly #sql: Sql;
  readonly #of: [string, string];

  constructor(database: Database, { tenantId, storeId }: StreamName) {
    this.#sql = {
      query: (text, values) => database.transaction(tenantId, (sql) => sql.query(text, values)),
    };
    this.#of = [tenantId, storeId];
  }

  async event(sequence: bigint): Promise<EventRow | undefined> {
    const rows = await this.#sql.query<EventRow>(
      "SELECT * FROM proofx.events WHERE tenant_id = $1 AND store_id = $2 AND sequence = $3",
      [...this.#of, sequence],
    );
    return rows[0];
  }

  /** Leaves of a range, inclusive, in order. */
  async leaves(from: bigint, to: bigint): Promise<Uint8Array[]> {
    const rows = await this.#sql.query<{ leaf: Uint8Array }>(
      "SELECT leaf FROM proofx.events WHERE tenant_id = $1 AND store_id = $2 AND sequence BETWEEN $3 AND $4 ORDER BY sequence",
      [...this.#of, from, to],
    );
    return rows.map(({ leaf }) => leaf);
  }

  async newestCheckpoint(): Promise<CheckpointRow | undefined> {
    const rows = await this.#sql.query<CheckpointRow>(
      "SELECT size, root, note FROM proofx.checkpoints WHERE tenant_id = $1 AND store_id = $2 ORDER BY size DESC LIMIT 1",
      this.#of,
    );
    return rows[0];
  }

  async cosignatures(size: bigint): Promise<string[]> {
    const rows = await this.#sql.query<{ line: string }>(
      "SELECT line FROM proofx.cosignatures WHERE tenant_id = $1 AND store_id = $2 AND size = $3 ORDER BY witness",
      [...this.#of, size],
    );
    return rows.map(({ line }) => line.trimEnd());
  }

  /** The batch that covers a sequence number, with the state root before it. */
  async batchOf(sequence: bigint): Promise<BatchRow | undefined> {
    const rows = await this.#sql.query<BatchRow>(
      `SELECT b.start_sequence, b.end_sequence, b.batch_root, b.facts_root, b.log_root, b.state_root, b.batch_index,
         coalesce(p.state_root, decode(repeat('00', 32), 'hex')) AS previous
       FROM proofx.batches b LEFT JOIN proofx.batches p
         ON p.tenant_id = b.tenant_id AND p.store_id = b.store_id AND p.end_sequence = b.start_sequence - 1
       WHERE b.tenant_id = $1 AND b.store_id = $2 AND b.start_sequence <= $3 AND b.end_sequence >= $3`,
      [...this.#of, sequence],
    );
    return rows[0];
  }

  /** The batch's transaction in a block, on the one chain and registry. */
  async anchor(batchIndex: bigint, { chainId, registry }: AnchorPlace): Promise<AnchorRow | undefined> {
    const rows = await this.#sql.query<AnchorRow>(
      `SELECT transaction_hash, block_number, block_hash, chain_batch_index, mature_at FROM proofx.anchors
       WHERE tenant_id = $1 AND store_id = $2 AND batch_index = $3 AND chain_id = $4 AND registry = $5
         AND status <> 'pending' AND transaction_hash IS NOT NULL AND mature_at IS NOT NULL`,
      [...this.#of, batchIndex, chainId, registry],
    );
    return rows[0];
  }

  /** Sequence numbers of the registrar's events that say whose keys these are. */
  async foundations(signers: readonly { agentId: string; keyId: bigint }[]): Promise<bigint[]> {
    const places = new Set<bigint>([1n]);
    for (const { agentId, keyId } of signers) {
      const rows = await this.#sql.query<{ registered_at: bigint; revoked_at: bigint | null }>(
        "SELECT registered_at, revoked_at FROM proofx.agent_keys WHERE tenant_id = $1 AND store_id = $2 AND agent_id = $3 AND key_id = $4",
        [...this.#of, agentId, keyId],
      );
      for (const { registered_at, revoked_at } of rows) {
        places.add(registered_at);
        if (revoked_at !== null) places.add(revoked_at);
      }
    }
    const rotations = await this.#sql.query<{ sequence: bigint }>(
      "SELECT sequence FROM proofx.events WHERE tenant_id = $1 AND store_id = $2 AND event_type = 'proofx.service-key.rotated'",
      this.#of,
    );
    for (const { sequence } of rotations) places.add(sequence);
    return [...places].sort((a, b) => (a < b ? -1 : 1));
  }

  /** Of the batch's events with facts, in order: whose they are and what they commit to. */
  async facts(from: bigint, to: bigint): Promise<FactsRow[]> {
    return await this.#sql.query<FactsRow>(
      `SELECT sequence, source_agent_id, facts_commitment FROM proofx.events
       WHERE tenant_id = $1 AND store_id = $2 AND sequence BETWEEN $3 AND $4 AND facts_commitment IS NOT NULL ORDER BY sequence`,
      [...this.#of, from, to],
    );
  }
}

export interface AnchorRow {
  readonly transaction_hash: Uint8Array;
  readonly block_number: bigint;
  readonly block_hash: Uint8Array;
  readonly chain_batch_index: bigint;
  readonly mature_at: bigint;
}

export interface AnchorPlace {
  readonly chainId: bigint;
  /** 20 bytes. */
  readonly registry: Uint8Array;
}

export interface FactsRow {
  readonly sequence: bigint;
  readonly source_agent_id: string;
  readonly facts_commitment: Uint8Array;
}
