import type { Database, Sql, SqlValue } from "../store/index.ts";
import { eventAad, proofAad } from "./aad.ts";

/** A sealed record where it is kept. */
export interface StoredRecord {
  readonly tenant: string;
  readonly agent: string;
  readonly sealed: Uint8Array;
  readonly aad: Uint8Array;
  /** Primary key; the next batch begins after it. */
  readonly at: Position;
  /** `event 17 of stream ...`, for people. */
  readonly where: string;
}

/** Values of a primary key, as texts. */
export type Position = readonly string[];

/** A table whose rows hold one sealed record each. */
export interface RecordTable {
  readonly name: "events" | "compliance_proofs";
  /** The first rows after a position, in the order of their primary keys. */
  read(db: Database, after: Position | undefined, limit: number): Promise<StoredRecord[]>;
  /** Puts records in the place of those that were read, where these are still there. @returns how many it was. */
  swap(sql: Sql, changes: readonly Change[]): Promise<number>;
  /** Rows sealed with neither the newest data key of their agent nor a destroyed one. */
  countLeft(db: Database): Promise<bigint>;
  /** All rows that hold a record. */
  count(db: Database): Promise<bigint>;
}

/** A record and what takes its place. */
export interface Change {
  readonly record: StoredRecord;
  readonly sealed: Uint8Array;
}

interface EventRow {
  readonly tenant_id: string;
  readonly store_id: string;
  readonly sequence: bigint;
  readonly event_id: string;
  readonly source_agent_id: string;
  readonly entity_type: string;
  readonly entity_id: string;
  readonly event_type: string;
  readonly payload: Uint8Array;
}

interface ProofRow {
  readonly tenant_id: string;
  readonly store_id: string;
  readonly event_id: string;
  readonly proof_id: string;
  readonly source_agent_id: string;
  readonly proof_type: string;
  readonly circuit_version: number;
  readonly policy_hash: Uint8Array;
  readonly proof_hash: Uint8Array;
  readonly proof: Uint8Array;
}

const NIL = "00000000-0000-0000-0000-000000000000";

/** Payloads of events; one that was moved to an archive is empty here, and nothing is done to it. */
export const EVENTS: RecordTable = {
  name: "events",
  async read(db, after, limit) {
    const rows = await db.transaction(null, (sql) =>
      sql.query<EventRow>(
        `SELECT tenant_id, store_id, sequence, event_id, source_agent_id, entity_type, entity_id, event_type, payload
         FROM proofx.events WHERE (tenant_id, store_id, sequence) > ($1::uuid, $2::uuid, $3::bigint) AND length(payload) > 0
         ORDER BY tenant_id, store_id, sequence LIMIT ${limit}`,
        [...(after ?? [NIL, NIL, "0"])],
      ),
    );
    return rows.map(eventRecord);
  },
  swap: (sql, changes) =>
    swap(
      sql,
      `UPDATE proofx.events r SET payload = u.anew
       FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bytea[], $5::bytea[]) AS u (tenant, store, sequence, old, anew)
       WHERE r.tenant_id = u.tenant AND r.store_id = u.store AND r.sequence = u.sequence AND r.payload = u.old RETURNING 1`,
      changes,
    ),
  countLeft: (db) =>
    count(
      db,
      `${KEYS} SELECT count(*) AS n FROM proofx.events r LEFT JOIN keys k
       ON k.tenant_id = r.tenant_id AND k.agent_id = r.source_agent_id AND k.prefix = substring(r.payload FROM 1 FOR 12)
       WHERE k.prefix IS NULL AND length(r.payload) > 0`,
    ),
  count: (db) => count(db, "SELECT count(*) AS n FROM proofx.events WHERE length(payload) > 0"),
};

/** Compliance proofs of events. */
export const PROOFS: RecordTable = {
  name: "compliance_proofs",
  async read(db, after, limit) {
    const rows = await db.transaction(null, (sql) =>
      sql.query<ProofRow>(
        `SELECT p.*, e.source_agent_id FROM proofx.compliance_proofs p JOIN proofx.events e USING (tenant_id, store_id, event_id)
         WHERE (p.tenant_id, p.store_id, p.event_id, p.proof_id) > ($1::uuid, $2::uuid, $3::uuid, $4::uuid)
         ORDER BY p.tenant_id, p.store_id, p.event_id, p.proof_id LIMIT ${limit}`,
        [...(after ?? [NIL, NIL, NIL, NIL])],
      ),
    );
    return rows.map(proofRecord);
  },
  swap: (sql, changes) =>
    swap(
      sql,
      `UPDATE proofx.compliance_proofs r SET proof = u.anew
       FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::bytea[], $6::bytea[])
         AS u (tenant, store, event, proof, old, anew)
       WHERE r.tenant_id = u.tenant AND r.store_id = u.store AND r.event_id = u.event AND r.proof_id = u.proof
         AND r.proof = u.old RETURNING 1`,
      changes,
    ),
  countLeft: (db) =>
    count(
      db,
      `${KEYS} SELECT count(*) AS n FROM proofx.compliance_proofs r JOIN proofx.events e USING (tenant_id, store_id, event_id)
       LEFT JOIN keys k
       ON k.tenant_id = r.tenant_id AND k.agent_id = e.source_agent_id AND k.prefix = substring(r.proof FROM 1 FOR 12)
       WHERE k.prefix IS NULL`,
    ),
  count: (db) => count(db, "SELECT count(*) AS n FROM proofx.compliance_proofs"),
};

/** First bytes of the records that are as they should be: each agent's newest data key, and what nobody can open any more. */
const KEYS = `WITH keys AS (
  SELECT tenant_id, agent_id, '\\x53534532'::bytea || int8send(data_key_id) AS prefix FROM (
    SELECT *, max(generation) OVER (PARTITION BY tenant_id, agent_id) AS newest FROM proofx.data_keys
  ) d WHERE destroyed_at IS NOT NULL OR generation = newest
)`;

function eventRecord(row: EventRow): StoredRecord {
  const { tenant_id: tenantId, store_id: storeId, event_id: eventId, sequence } = row;
  const kind = { entityType: row.entity_type, entityId: row.entity_id, eventType: row.event_type };
  return {
    tenant: tenantId,
    agent: row.source_agent_id,
    sealed: row.payload,
    aad: eventAad({ tenantId, storeId, eventId, sequence, ...kind }),
    at: [tenantId, storeId, String(sequence)],
    where: `event ${sequence} of store ${storeId}, tenant ${tenantId}`,
  };
}

function proofRecord(row: ProofRow): StoredRecord {
  const { tenant_id: tenantId, store_id: storeId, event_id: eventId, proof_id: proofId } = row;
  return {
    tenant: tenantId,
    agent: row.source_agent_id,
    sealed: row.proof,
    aad: proofAad({
      tenantId,
      storeId,
      eventId,
      proofId,
      policyHash: row.policy_hash,
      circuitVersion: row.circuit_version,
      proofType: row.proof_type,
      proofHash: row.proof_hash,
    }),
    at: [tenantId, storeId, eventId, proofId],
    where: `proof ${proofId} of event ${eventId}, tenant ${tenantId}`,
  };
}

/** The columns of the primary key as lists, then what was read and what takes its place. */
async function swap(sql: Sql, text: string, changes: readonly Change[]): Promise<number> {
  const [first] = changes;
  if (first === undefined) return 0;
  const keys: SqlValue[] = first.record.at.map((_, i) => changes.map(({ record }) => record.at[i] ?? null));
  const old = changes.map(({ record }) => record.sealed);
  return (await sql.query(text, [...keys, old, changes.map(({ sealed }) => sealed)])).length;
}

async function count(db: Database, text: string): Promise<bigint> {
  const [row] = await db.transaction(null, (sql) => sql.query<{ n: bigint }>(text));
  return row?.n ?? 0n;
}
