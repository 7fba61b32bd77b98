import type { Sql } from "../store/index.ts";

/** An agent's key in a stream. */
export interface AgentKeyRow {
  /** UUID. */
  readonly agent: string;
  readonly keyId: number;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Sequence numbers of the events that say so; the key is good between them. */
  readonly registeredAt: bigint;
  readonly revokedAt: bigint | null;
  /** The key that takes its place, and from when it is not used any more (milliseconds since the epoch). */
  readonly replacedBy: number | null;
  readonly retireAfter: bigint | null;
}

interface Row {
  readonly agent_id: string;
  readonly key_id: bigint;
  readonly public_key: Uint8Array;
  readonly registered_at: bigint;
  readonly revoked_at: bigint | null;
  readonly replaced_by: bigint | null;
  readonly retire_after: bigint | null;
}

/** Keys of an agent, or of all of a stream's agents, by agent and id. */
export async function agentKeys(
  sql: Sql,
  tenant: string,
  store: string,
  agent?: string,
): Promise<AgentKeyRow[]> {
  const rows = await sql.query<Row>(
    `SELECT agent_id, key_id, public_key, registered_at, revoked_at, replaced_by, retire_after FROM proofx.agent_keys
     WHERE tenant_id = $1 AND store_id = $2 ${agent === undefined ? "" : "AND agent_id = $3"} ORDER BY agent_id, key_id`,
    agent === undefined ? [tenant, store] : [tenant, store, agent],
  );
  return rows.map((row) => ({
    agent: row.agent_id,
    keyId: Number(row.key_id),
    publicKey: Uint8Array.from(row.public_key),
    registeredAt: row.registered_at,
    revokedAt: row.revoked_at,
    replacedBy: row.replaced_by === null ? null : Number(row.replaced_by),
    retireAfter: row.retire_after,
  }));
}

/** Entity id of a key's events: `<agent>/<key id>`. */
export function keyEntity(agent: string, keyId: number): string {
  return `${agent}/${keyId}`;
}
