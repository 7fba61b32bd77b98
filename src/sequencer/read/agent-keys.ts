import type { Sql } from "../store/index.ts";
import type { StreamKey } from "../tree/index.ts";

/** An agent's key in a stream: good for sequence numbers above `registeredAt` and below `revokedAt`. */
export interface AgentKeyRow {
  readonly agent: string;
  readonly keyId: bigint;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly registeredAt: bigint;
  readonly revokedAt: bigint | null;
  readonly replacedBy: bigint | null;
  /** Milliseconds since the epoch. */
  readonly retireAfter: bigint | null;
}

/** Keys of a stream's agents, or of one of them; with `at`, those that were good for that sequence number. */
export async function listAgentKeys(
  sql: Sql,
  { tenant, store }: StreamKey,
  { agent, at }: { readonly agent?: string; readonly at?: bigint } = {},
): Promise<AgentKeyRow[]> {
  return await sql.query<AgentKeyRow>(
    `SELECT agent_id AS agent, key_id AS "keyId", public_key AS "publicKey", registered_at AS "registeredAt",
       revoked_at AS "revokedAt", replaced_by AS "replacedBy", retire_after AS "retireAfter"
     FROM proofx.agent_keys WHERE tenant_id = $1 AND store_id = $2 AND ($3::uuid IS NULL OR agent_id = $3)
       AND ($4::bigint IS NULL OR (registered_at < $4 AND (revoked_at IS NULL OR revoked_at > $4)))
     ORDER BY agent_id, key_id`,
    [tenant, store, agent ?? null, at ?? null],
  );
}

/** An agent and how many keys it has. */
export interface AgentSummary {
  readonly agent: string;
  readonly keys: number;
  /** Keys that are not revoked. */
  readonly usable: number;
}

/** Agents that have keys in a stream, after `after`, by their UUIDs. */
export async function listAgents(
  sql: Sql,
  { tenant, store }: StreamKey,
  after: string | undefined,
  limit: number,
): Promise<AgentSummary[]> {
  return await sql.query<AgentSummary>(
    `SELECT agent_id AS agent, count(*)::integer AS keys, (count(*) FILTER (WHERE revoked_at IS NULL))::integer AS usable
     FROM proofx.agent_keys WHERE tenant_id = $1 AND store_id = $2 AND ($3::uuid IS NULL OR agent_id > $3)
     GROUP BY agent_id ORDER BY agent_id LIMIT $4`,
    [tenant, store, after ?? null, limit],
  );
}
