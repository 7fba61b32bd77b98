import type { Database } from "../store/index.ts";

/** What a `jti` may be. */
export const JTI = /^[\x21-\x7e]{1,128}$/;

/** Whether a tenant's token was revoked. */
export async function isTokenRevoked(app: Database, tenant: string, jti: string): Promise<boolean> {
  const rows = await app.transaction(tenant, (sql) =>
    sql.query("SELECT jti FROM proofx.revoked_tokens WHERE tenant_id = $1 AND jti = $2", [tenant, jti]),
  );
  return rows.length > 0;
}

/**
 * Writes down that a tenant's token is revoked, and forgets those of the tenant's that expired long ago.
 *
 * @param until Milliseconds since the epoch, after which no token that is good today can be.
 */
export async function insertRevokedToken(
  app: Database,
  { tenant, jti, now, until }: { tenant: string; jti: string; now: number; until: number },
): Promise<void> {
  await app.transaction(tenant, (sql) =>
    sql.query("SELECT proofx.revoke_token($1, $2, $3, $4)", [tenant, jti, BigInt(now), BigInt(until)]),
  );
}
