import { equalBytes } from "../../core/bytes.ts";
import { InputError } from "../../core/errors.ts";
import { canonicalJson, type Json } from "../../core/json.ts";
import { requireName } from "../ingest/check.ts";
import type { Ingest } from "../ingest/index.ts";
import { Refusal } from "../ingest/refusal.ts";
import { lockStream } from "../ingest/stream-state.ts";
import type { Database, Sql } from "../store/index.ts";
import { compileSchema } from "./compile.ts";

/** What payloads of an event type must be, by its newest version. */
export interface EventSchema {
  readonly eventType: string;
  /** From 1. */
  readonly version: number;
  readonly schema: Json;
  /** Milliseconds since the epoch. */
  readonly createdAt: bigint;
}

export interface SchemasParts {
  /** Of the role `app`. */
  readonly database: Database;
  readonly ingest: Ingest;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

interface Row {
  readonly event_type: string;
  readonly version: number;
  readonly schema: Json;
  readonly created_at: bigint;
}

const MOST_BYTES = 65_536;
const NEWEST = `SELECT DISTINCT ON (event_type) event_type, version, schema, created_at FROM proofx.schemas
  WHERE tenant_id = $1 AND ($2::text IS NULL OR event_type = $2) ORDER BY event_type, version DESC`;

/** A tenant's JSON Schemas, one an event type. They hold for what is appended after them, in all of the tenant's streams. */
export class Schemas {
  readonly #database: Database;
  readonly #ingest: Ingest;
  readonly #now: () => number;

  constructor({ database, ingest, now = Date.now }: SchemasParts) {
    this.#database = database;
    this.#ingest = ingest;
    this.#now = now;
  }

  /**
   * Sets the schema of an event type, as its next version; every stream of the tenant gets an event that says so, in the same
   * transaction. The schema that is set already is not set again.
   *
   * @throws Refusal `schema-malformed`, `reserved-type`, `event-malformed` for a name that no event type can have.
   */
  async set(tenant: string, eventType: string, schema: Json): Promise<EventSchema> {
    requireName("eventType", eventType);
    const canonical = requireSchema(schema);
    await this.#ingest.ownTransaction(tenant, async (sql, append) => {
      await sql.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 7166003))", [tenant]);
      const streams = await sql.query<{ store_id: string }>(
        "SELECT store_id FROM proofx.streams WHERE tenant_id = $1 ORDER BY store_id",
        [tenant],
      );
      // All before the first event of any: whoever is sequenced after one of them has the schema.
      for (const { store_id } of streams) await lockStream(sql, tenant, store_id);
      const [old] = await newest(sql, tenant, eventType);
      if (old !== undefined && equalBytes(canonicalJson("schema", old.schema), canonical)) return;
      const version = (old?.version ?? 0) + 1;
      await sql.query(
        "INSERT INTO proofx.schemas (tenant_id, event_type, version, schema, created_at) VALUES ($1, $2, $3, $4::text::jsonb, $5)",
        [tenant, eventType, version, new TextDecoder().decode(canonical), BigInt(this.#now())],
      );
      const payload = { event_type: eventType, version, schema };
      const draft = {
        entityType: "proofx.schema",
        entityId: eventType,
        eventType: "proofx.schema.set",
        payload,
      };
      for (const { store_id } of streams) await append(store_id, draft);
    });
    const set = await this.get(tenant, eventType);
    if (set === undefined) throw new TypeError("a schema that was set is not there");
    return set;
  }

  /** The newest schema of an event type. */
  async get(tenant: string, eventType: string): Promise<EventSchema | undefined> {
    return (await this.#database.transaction(tenant, (sql) => newest(sql, tenant, eventType)))[0];
  }

  /** The newest schema of each event type, by type. */
  async list(tenant: string): Promise<EventSchema[]> {
    return await this.#database.transaction(tenant, (sql) => newest(sql, tenant, null));
  }
}

/** @returns its canonical bytes. */
function requireSchema(schema: Json): Uint8Array {
  try {
    const canonical = canonicalJson("schema", schema);
    if (canonical.length > MOST_BYTES)
      throw InputError.expected("schema", `at most ${MOST_BYTES} bytes`, canonical);
    if (JSON.stringify(schema).includes("\\u0000"))
      throw new InputError("schema: expected no U+0000 in a text");
    compileSchema(schema);
    return canonical;
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    throw new Refusal("schema-malformed", cause.message, { pointer: "/schema", cause });
  }
}

async function newest(sql: Sql, tenant: string, eventType: string | null): Promise<EventSchema[]> {
  const rows = await sql.query<Row>(NEWEST, [tenant, eventType]);
  return rows.map(({ event_type, version, schema, created_at }) => ({
    eventType: event_type,
    version,
    schema,
    createdAt: created_at,
  }));
}
