import type { Database, Sql } from "../store/index.ts";

/** A tenant key as its row holds it. */
export interface TenantKeyRow {
  readonly key_id: bigint;
  readonly master_key: string;
  /** By the master key; empty once nothing is under it any more. */
  readonly wrapped: Uint8Array;
}

/** A data key as its row holds it. */
export interface DataKeyRow {
  readonly data_key_id: bigint;
  readonly tenant_id: string;
  readonly agent_id: string;
  readonly generation: bigint;
  readonly tenant_key_id: bigint;
  /** By the tenant key; null once destroyed. */
  readonly wrapped: Uint8Array | null;
  readonly created_at: bigint;
}

const DATA_KEY = "data_key_id, tenant_id, agent_id, generation, tenant_key_id, wrapped, created_at";

/** The tenant key that new data keys are wrapped with: the newest that is not retired. */
export async function currentTenantKey(db: Database, tenant: string): Promise<TenantKeyRow | undefined> {
  return await one<TenantKeyRow>(
    db,
    tenant,
    `SELECT key_id, master_key, wrapped FROM proofx.tenant_keys
     WHERE tenant_id = $1 AND retired_at IS NULL ORDER BY key_id DESC LIMIT 1`,
    [tenant],
  );
}

/** One of a tenant's keys. */
export async function tenantKey(db: Database, tenant: string, id: bigint): Promise<TenantKeyRow | undefined> {
  return await one<TenantKeyRow>(
    db,
    tenant,
    "SELECT key_id, master_key, wrapped FROM proofx.tenant_keys WHERE tenant_id = $1 AND key_id = $2",
    [tenant, id],
  );
}

/** Number of the tenant's newest key, retired ones counted; 0 before the first. */
export async function newestTenantKeyId(db: Database, tenant: string): Promise<bigint> {
  const text = "SELECT coalesce(max(key_id), 0)::bigint AS id FROM proofx.tenant_keys WHERE tenant_id = $1";
  return (await one<{ id: bigint }>(db, tenant, text, [tenant]))?.id ?? 0n;
}

/** Keeps a new tenant key unless another process was faster with its number. */
export async function addTenantKey(
  db: Database,
  tenant: string,
  { key_id, master_key, wrapped }: TenantKeyRow,
  now: bigint,
): Promise<void> {
  await db.transaction(tenant, (sql) =>
    sql.query(
      `INSERT INTO proofx.tenant_keys (tenant_id, key_id, master_key, wrapped, created_at)
       VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
      [tenant, key_id, master_key, wrapped, now],
    ),
  );
}

/** An agent's newest data key, destroyed or not. */
export async function newestDataKey(
  db: Database,
  tenant: string,
  agent: string,
): Promise<DataKeyRow | undefined> {
  return await one<DataKeyRow>(
    db,
    tenant,
    `SELECT ${DATA_KEY} FROM proofx.data_keys WHERE tenant_id = $1 AND agent_id = $2 ORDER BY generation DESC LIMIT 1`,
    [tenant, agent],
  );
}

/** A data key by its number. */
export async function dataKeyRow(db: Database, tenant: string, id: bigint): Promise<DataKeyRow | undefined> {
  return await one<DataKeyRow>(
    db,
    tenant,
    `SELECT ${DATA_KEY} FROM proofx.data_keys WHERE tenant_id = $1 AND data_key_id = $2`,
    [tenant, id],
  );
}

/** Keeps a new data key unless another process was faster with its generation, or its tenant key was retired meanwhile. */
export async function addDataKey(
  db: Database,
  row: Omit<DataKeyRow, "data_key_id" | "wrapped"> & { readonly wrapped: Uint8Array },
): Promise<void> {
  await db.transaction(row.tenant_id, (sql) =>
    sql.query(
      `INSERT INTO proofx.data_keys (tenant_id, agent_id, generation, tenant_key_id, wrapped, created_at)
       SELECT tenant_id, $2, $3, key_id, $5, $6 FROM proofx.tenant_keys
       WHERE tenant_id = $1 AND key_id = $4 AND retired_at IS NULL ON CONFLICT DO NOTHING`,
      [row.tenant_id, row.agent_id, row.generation, row.tenant_key_id, row.wrapped, row.created_at],
    ),
  );
}

/** The first row of a query in a transaction of its own. */
export async function one<Row>(
  db: Database,
  tenant: string | null,
  text: string,
  values: Parameters<Sql["query"]>[1],
): Promise<Row | undefined> {
  const [row] = await db.transaction(tenant, (sql) => sql.query<Row>(text, values));
  return row;
}
