import type { Database } from "../store/index.ts";

/** One tenant's keys at rest. */
export interface TenantKeys {
  readonly tenantId: string;
  readonly name: string;
  readonly tenantKeys: readonly {
    readonly id: bigint;
    readonly masterKey: string;
    readonly createdAt: Date;
    readonly status: "in use" | "retiring" | "destroyed";
    /** Data keys under it that were not destroyed. */
    readonly dataKeys: number;
  }[];
  readonly dataKeys: readonly AgentKey[];
}

/** One data key. */
export interface AgentKey {
  readonly id: bigint;
  readonly agentId: string;
  readonly generation: bigint;
  readonly createdAt: Date;
  readonly status: "in use" | "older" | "destroyed";
}

interface TenantRow {
  readonly tenant_id: string;
  readonly name: string;
  readonly key_id: bigint | null;
  readonly master_key: string;
  readonly created_at: bigint;
  readonly retired_at: bigint | null;
  readonly destroyed: boolean;
  readonly data_keys: bigint;
}

interface DataRow {
  readonly tenant_id: string;
  readonly data_key_id: bigint;
  readonly agent_id: string;
  readonly generation: bigint;
  readonly created_at: bigint;
  readonly destroyed_at: bigint | null;
  readonly newest: boolean;
}

/** Every tenant's keys, or one's; opens none of them. */
export async function listKeys(db: Database, tenant?: string): Promise<TenantKeys[]> {
  const only = tenant === undefined ? "" : "WHERE t.tenant_id = $1";
  const values = tenant === undefined ? [] : [tenant];
  const [tenants, dataKeys] = await db.transaction(null, async (sql) => [
    await sql.query<TenantRow>(
      `SELECT t.tenant_id, t.name, k.key_id, k.master_key, k.created_at, k.retired_at, length(k.wrapped) = 0 AS destroyed,
         (SELECT count(*) FROM proofx.data_keys d
          WHERE d.tenant_id = k.tenant_id AND d.tenant_key_id = k.key_id AND d.wrapped IS NOT NULL) AS data_keys
       FROM proofx.tenants t LEFT JOIN proofx.tenant_keys k USING (tenant_id) ${only} ORDER BY t.tenant_id, k.key_id`,
      values,
    ),
    await sql.query<DataRow>(
      `SELECT t.tenant_id, t.data_key_id, t.agent_id, t.generation, t.created_at, t.destroyed_at,
         t.generation = max(t.generation) OVER (PARTITION BY t.tenant_id, t.agent_id) AS newest
       FROM proofx.data_keys t ${only} ORDER BY t.tenant_id, t.agent_id, t.generation`,
      values,
    ),
  ]);
  const ids = [...new Set(tenants.map((row) => row.tenant_id))];
  return ids.map((id) => {
    const rows = tenants.filter((row) => row.tenant_id === id);
    return {
      tenantId: id,
      name: rows[0]?.name ?? "",
      tenantKeys: rows.flatMap(describeTenantKey),
      dataKeys: dataKeys.filter((row) => row.tenant_id === id).map(describeDataKey),
    };
  });
}

function describeTenantKey(row: TenantRow): TenantKeys["tenantKeys"] {
  if (row.key_id === null) return [];
  const status = row.destroyed ? "destroyed" : row.retired_at === null ? "in use" : "retiring";
  const createdAt = new Date(Number(row.created_at));
  return [{ id: row.key_id, masterKey: row.master_key, createdAt, status, dataKeys: Number(row.data_keys) }];
}

function describeDataKey(row: DataRow): AgentKey {
  const status = row.destroyed_at !== null ? "destroyed" : row.newest ? "in use" : "older";
  const { data_key_id: id, agent_id: agentId, generation } = row;
  return { id, agentId, generation, createdAt: new Date(Number(row.created_at)), status };
}
