import { randomUUID } from "node:crypto";
import { InputError } from "../../core/errors.ts";
import type { Database } from "../store/index.ts";
import { type ApiKeyText, hashApiKey } from "./api-key.ts";
import type { Role } from "./permissions.ts";
import { checkName, insertForTenant } from "./tenants.ts";

/** What is known of an API key; times are milliseconds since the epoch. */
export interface ApiKeyInfo {
  readonly prefix: string;
  readonly tenant: string;
  readonly role: string;
  readonly agentId: string | undefined;
  readonly name: string;
  readonly createdAt: number;
  readonly revokedAt: number | undefined;
}

/** What a presented API key is held against. */
export interface StoredApiKey {
  readonly tenant: string;
  readonly hash: Uint8Array;
  readonly role: string;
  readonly agentId: string | undefined;
  readonly revoked: boolean;
}

interface Row {
  readonly prefix: string;
  readonly tenant_id: string;
  readonly hash: Uint8Array;
  readonly role: string;
  readonly agent_id: string | null;
  readonly name: string;
  readonly created_at: bigint;
  readonly revoked_at: bigint | null;
}

/** The API key of a prefix, whosever it is: through the one function that may look. */
export async function findApiKey(app: Database, prefix: string): Promise<StoredApiKey | undefined> {
  const [row] = await app.transaction(null, (sql) =>
    sql.query<Row>("SELECT tenant_id, hash, role, agent_id, revoked_at FROM proofx.find_api_key($1)", [
      prefix,
    ]),
  );
  if (row === undefined) return undefined;
  const { tenant_id: tenant, hash, role, agent_id, revoked_at } = row;
  return { tenant, hash, role, agentId: agent_id ?? undefined, revoked: revoked_at !== null };
}

export interface NewApiKey {
  readonly tenant: string;
  readonly role: Role;
  /** UUID of the only agent that it may send for. */
  readonly agentId?: string | undefined;
  readonly name: string;
}

/** Makes a new API key known; its secret is not among what is kept. @throws InputError when there is no such tenant. */
export async function insertApiKey(
  keeper: Database,
  key: ApiKeyText,
  { tenant, role, agentId, name }: NewApiKey,
  now = Date.now(),
): Promise<void> {
  checkName("API key's name", name);
  await insertForTenant(tenant, () =>
    keeper.transaction(null, (sql) =>
      sql.query(
        `INSERT INTO proofx.api_keys (api_key_id, tenant_id, prefix, hash, role, agent_id, name, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [randomUUID(), tenant, key.prefix, hashApiKey(key), role, agentId ?? null, name, BigInt(now)],
      ),
    ),
  );
}

/** All API keys, or a tenant's, oldest first. */
export async function listApiKeys(keeper: Database, tenant?: string): Promise<ApiKeyInfo[]> {
  const rows = await keeper.transaction(null, (sql) =>
    sql.query<Row>(
      `SELECT prefix, tenant_id, role, agent_id, name, created_at, revoked_at FROM proofx.api_keys
       WHERE $1::uuid IS NULL OR tenant_id = $1 ORDER BY created_at, prefix`,
      [tenant ?? null],
    ),
  );
  return rows.map(({ prefix, tenant_id, role, agent_id, name, created_at, revoked_at }) => ({
    prefix,
    tenant: tenant_id,
    role,
    agentId: agent_id ?? undefined,
    name,
    createdAt: Number(created_at),
    revokedAt: revoked_at === null ? undefined : Number(revoked_at),
  }));
}

/**
 * Revokes an API key for good.
 *
 * @returns false when it was revoked before. @throws InputError when there is none.
 */
export async function revokeApiKey(keeper: Database, prefix: string, now = Date.now()): Promise<boolean> {
  return await keeper.transaction(null, async (sql) => {
    const revoked = await sql.query(
      "UPDATE proofx.api_keys SET revoked_at = $2 WHERE prefix = $1 AND revoked_at IS NULL RETURNING prefix",
      [prefix, BigInt(now)],
    );
    if (revoked.length > 0) return true;
    const known = await sql.query("SELECT prefix FROM proofx.api_keys WHERE prefix = $1", [prefix]);
    if (known.length > 0) return false;
    throw InputError.expected("API key", "the prefix of one, e.g. px_live_0123456789ab", prefix, LIST);
  });
}

const LIST = "npx hardhat apikey list";
