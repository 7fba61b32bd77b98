import { InputError } from "../../core/errors.ts";
import type { VesEvent } from "../../core/log/index.ts";
import { Refusal } from "../ingest/refusal.ts";
import type { SchemaJudge, SchemaVerdict } from "../ingest/schema-judge.ts";
import type { Database, Sql } from "../store/index.ts";
import { type CompiledSchema, compileSchema } from "./compile.ts";

interface SchemaSet {
  readonly epoch: bigint;
  /** By event type, the newest version of each. */
  readonly schemas: ReadonlyMap<string, CompiledSchema>;
}

interface Row {
  readonly event_type: string;
  readonly version: number;
  readonly schema: unknown;
}

const QUERY = `SELECT DISTINCT ON (event_type) event_type, version, schema FROM proofx.schemas
  WHERE tenant_id = $1 ORDER BY event_type, version DESC`;

/** Tenants whose schemas are kept compiled. */
const MOST = 1_000;

/** The schemas of all tenants, each set compiled once for as long as nothing was added to it. */
export class TenantSchemas implements SchemaJudge {
  readonly #database: Database;
  readonly #sets = new Map<string, SchemaSet>();
  readonly #loading = new Map<string, Promise<SchemaSet>>();

  constructor(database: Database) {
    this.#database = database;
  }

  async judge(event: VesEvent): Promise<SchemaVerdict> {
    const tenant = event.tenantId;
    return verdictOf(this.#sets.get(tenant) ?? (await this.#load(tenant)), event);
  }

  async judgeAgain(sql: Sql, event: VesEvent, epoch: bigint): Promise<SchemaVerdict> {
    const known = this.#sets.get(event.tenantId);
    return verdictOf(known?.epoch === epoch ? known : await this.#read(sql, event.tenantId), event);
  }

  #load(tenant: string): Promise<SchemaSet> {
    const load = async (): Promise<SchemaSet> => {
      try {
        return await this.#database.transaction(tenant, (sql) => this.#read(sql, tenant));
      } finally {
        this.#loading.delete(tenant);
      }
    };
    const loading = this.#loading.get(tenant) ?? load();
    this.#loading.set(tenant, loading);
    return loading;
  }

  async #read(sql: Sql, tenant: string): Promise<SchemaSet> {
    // Counted first: an epoch that is too old costs a look more, one that is too new would keep old schemas for good.
    const [count] = await sql.query<{ n: bigint }>(
      "SELECT count(*) AS n FROM proofx.schemas WHERE tenant_id = $1",
      [tenant],
    );
    const rows = await sql.query<Row>(QUERY, [tenant]);
    const known = this.#sets.get(tenant);
    const schemas = rows.map(({ event_type, version, schema }): [string, CompiledSchema] => {
      const same = known?.schemas.get(event_type);
      return [event_type, same?.version === version ? same : { version, ...compiled(schema) }];
    });
    const set = { epoch: count?.n ?? 0n, schemas: new Map(schemas) };
    this.#sets.delete(tenant);
    this.#sets.set(tenant, set);
    const [oldest] = this.#sets.keys();
    if (this.#sets.size > MOST && oldest !== undefined) this.#sets.delete(oldest);
    return set;
  }
}

/** A schema that was good once and is none to this version: only its own event type's payloads are refused. */
function compiled(schema: unknown): Pick<CompiledSchema, "check"> {
  try {
    return compileSchema(schema);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { message } = error;
    return { check: () => ({ pointer: "", message }) };
  }
}

function verdictOf({ epoch, schemas }: SchemaSet, event: VesEvent): SchemaVerdict {
  const schema = event.payloadKind === 0 ? schemas.get(event.eventType) : undefined;
  const fault = event.payloadKind === 0 ? schema?.check(event.payload) : undefined;
  if (schema === undefined || fault === undefined) return { epoch, refusal: undefined };
  const detail = `the payload is not of schema version ${schema.version} of its event type: ${fault.message}`;
  return { epoch, refusal: new Refusal("schema-mismatch", detail, { pointer: `/payload${fault.pointer}` }) };
}
