import type { Sql } from "../store/index.ts";

/** A stream, taken for this transaction. */
export interface LockedStream {
  readonly tenant: string;
  readonly store: string;
  /** Last sequence number given. */
  readonly head: bigint;
  readonly keyEpoch: bigint;
}

/** Takes a stream: whoever comes next waits for this transaction's end. @returns undefined when there is none. */
export async function lockStream(sql: Sql, tenant: string, store: string): Promise<LockedStream | undefined> {
  const [row] = await sql.query<{ head: bigint; key_epoch: bigint }>(
    "SELECT head, key_epoch FROM proofx.lock_stream($1, $2)",
    [tenant, store],
  );
  return row === undefined ? undefined : { tenant, store, head: row.head, keyEpoch: row.key_epoch };
}

/** An event that the stream has. */
export interface StoredPlace {
  readonly eventId: string;
  readonly sequence: bigint;
  readonly signingHash: Uint8Array;
  readonly commandId: string | null;
  /** u64 in decimal. */
  readonly baseVersion: string | null;
  readonly entityVersion: bigint;
  readonly sequencedAt: bigint;
  readonly receiptKeyId: number;
  readonly receiptSignature: Uint8Array;
}

interface PlaceRow {
  readonly event_id: string;
  readonly sequence: bigint;
  readonly signing_hash: Uint8Array;
  readonly command_id: string | null;
  readonly base_version: string | null;
  readonly entity_version: bigint;
  readonly sequenced_at: bigint;
  readonly receipt_key_id: number;
  readonly receipt_signature: Uint8Array;
}

// "The first from here to here" has one index only that gives it without sorting. An equality has several, and before the table
// was ever analyzed the planner takes the primary key's and reads the stream from its beginning.
const BY_EVENT_ID = `
  SELECT e.* FROM unnest($3::uuid[]) AS w (id) CROSS JOIN LATERAL (
    SELECT event_id, sequence, signing_hash, command_id, base_version, entity_version, sequenced_at, receipt_key_id, receipt_signature
    FROM proofx.events WHERE tenant_id = $1 AND store_id = $2 AND event_id BETWEEN w.id AND w.id ORDER BY event_id LIMIT 1
  ) AS e`;

/** Those of these events that the stream has, by event id. */
export async function findEvents(
  sql: Sql,
  { tenant, store }: LockedStream,
  ids: readonly string[],
): Promise<Map<string, StoredPlace>> {
  const rows = await sql.query<PlaceRow>(BY_EVENT_ID, [tenant, store, ids]);
  return new Map(
    rows.map((row) => [
      row.event_id,
      {
        eventId: row.event_id,
        sequence: row.sequence,
        signingHash: row.signing_hash,
        commandId: row.command_id,
        baseVersion: row.base_version,
        entityVersion: row.entity_version,
        sequencedAt: row.sequenced_at,
        receiptKeyId: row.receipt_key_id,
        receiptSignature: row.receipt_signature,
      },
    ]),
  );
}

const BY_COMMAND_ID = `
  SELECT e.* FROM unnest($3::uuid[]) AS w (id) CROSS JOIN LATERAL (
    SELECT command_id, sequence FROM proofx.events
    WHERE tenant_id = $1 AND store_id = $2 AND command_id BETWEEN w.id AND w.id ORDER BY command_id LIMIT 1
  ) AS e`;

/** Sequence numbers of the events that carry these command ids. */
export async function findCommands(
  sql: Sql,
  { tenant, store }: LockedStream,
  ids: readonly string[],
): Promise<Map<string, bigint>> {
  if (ids.length === 0) return new Map();
  const rows = await sql.query<{ command_id: string; sequence: bigint }>(BY_COMMAND_ID, [tenant, store, ids]);
  return new Map(rows.map(({ command_id, sequence }) => [command_id, sequence]));
}

/** An entity of a stream. */
export interface EntityReference {
  readonly entityType: string;
  readonly entityId: string;
}

/** What a group needs to know of its stream. */
export interface StreamFacts {
  /** Events of each entity so far, in the order asked. */
  readonly versions: readonly bigint[];
  /** When the newest event was sequenced, milliseconds; 0 in an empty stream. */
  readonly sequencedAt: bigint;
  /** Counts up with every schema of the tenant. */
  readonly schemaEpoch: bigint;
}

const FACTS = `
  SELECT
    coalesce((
      SELECT max(e.entity_version) FROM proofx.events e
      WHERE e.tenant_id = $1 AND e.store_id = $2 AND e.entity_type = w.entity_type AND e.entity_id = w.entity_id
    ), 0) AS version,
    coalesce((
      SELECT sequenced_at FROM proofx.events
      WHERE tenant_id = $1 AND store_id = $2 AND sequence <= $5 ORDER BY sequence DESC LIMIT 1
    ), 0) AS sequenced_at,
    (SELECT count(*) FROM proofx.schemas WHERE tenant_id = $1) AS schema_epoch
  FROM unnest($3::text[], $4::text[]) WITH ORDINALITY AS w (entity_type, entity_id, place) ORDER BY w.place`;

/** Reads what a group needs to know; `entities` has at least one. */
export async function readStreamFacts(
  sql: Sql,
  { tenant, store, head }: LockedStream,
  entities: readonly EntityReference[],
): Promise<StreamFacts> {
  const rows = await sql.query<{ version: bigint; sequenced_at: bigint; schema_epoch: bigint }>(FACTS, [
    tenant,
    store,
    entities.map(({ entityType }) => entityType),
    entities.map(({ entityId }) => entityId),
    head,
  ]);
  return {
    versions: rows.map(({ version }) => version),
    sequencedAt: rows[0]?.sequenced_at ?? 0n,
    schemaEpoch: rows[0]?.schema_epoch ?? 0n,
  };
}
