import type { Store } from "../../sequencer/store/index.ts";

/** An agent's key that the log takes events from. */
export interface AgentKeyAge {
  readonly tenant: string;
  readonly store: string;
  readonly agent: string;
  readonly keyId: number;
  /** Milliseconds since 1970: when the log registered it. */
  readonly registeredAt: number;
  /** The key that takes its place. */
  readonly replacedBy: number | undefined;
}

/** Every tenant's agents' keys that are good now, oldest first; those of the log itself are its service keys. */
export async function agentKeysInUse(store: Store): Promise<AgentKeyAge[]> {
  interface Row {
    readonly tenant_id: string;
    readonly store_id: string;
    readonly agent_id: string;
    readonly key_id: bigint;
    readonly sequenced_at: bigint;
    readonly replaced_by: bigint | null;
  }
  const rows = await store.as("owner").transaction(null, (sql) =>
    sql.query<Row>(
      `SELECT k.tenant_id, k.store_id, k.agent_id, k.key_id, e.sequenced_at, k.replaced_by FROM proofx.agent_keys k
       JOIN proofx.events e ON e.tenant_id = k.tenant_id AND e.store_id = k.store_id AND e.sequence = k.registered_at
       WHERE k.revoked_at IS NULL AND k.registered_at > 1 ORDER BY e.sequenced_at, k.agent_id, k.key_id`,
    ),
  );
  return rows.map((row) => ({
    tenant: row.tenant_id,
    store: row.store_id,
    agent: row.agent_id,
    keyId: Number(row.key_id),
    registeredAt: Number(row.sequenced_at),
    replacedBy: row.replaced_by === null ? undefined : Number(row.replaced_by),
  }));
}
