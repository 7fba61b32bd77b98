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

/** Writes down that a tenant's token is revoked. @param expiresAt Milliseconds since the epoch; after it the row is of no use. */
export async function insertRevokedToken(
  app: Database,
  tenant: string,
  jti: string,
  expiresAt: number,
): Promise<void> {
  await app.transaction(tenant, (sql) =>
    sql.query(
      "INSERT INTO proofx.revoked_tokens (tenant_id, jti, expires_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
      [tenant, jti, BigInt(expiresAt)],
    ),
  );
}
