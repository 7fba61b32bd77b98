import { createHash } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import { toBase64url } from "../../core/base64url.ts";
import { InputError, RefusedError } from "../../core/errors.ts";
import { type Database, sqlState } from "../store/index.ts";
import type { Role } from "./permissions.ts";
import { insertForTenant } from "./tenants.ts";

/** A key that a tenant signs its tokens with; times are milliseconds since the epoch. */
export interface JwtKeyInfo {
  readonly kid: string;
  readonly tenant: string;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly role: string;
  readonly createdAt: number;
  readonly revokedAt: number | undefined;
}

/** What a token is held against. */
export type StoredJwtKey = Pick<JwtKeyInfo, "kid" | "tenant" | "publicKey" | "role"> & {
  readonly revoked: boolean;
};

interface Row {
  readonly kid: string;
  readonly tenant_id: string;
  readonly public_key: Uint8Array;
  readonly role: string;
  readonly created_at: bigint;
  readonly revoked_at: bigint | null;
}

/** What a `kid` may be. */
export const KID = /^[A-Za-z0-9._-]{1,64}$/;
const KID_FORM = "1 to 64 of A-Z a-z 0-9 . _ -";

/** The key of a `kid`, whosever it is: through the one function that may look. */
export async function findJwtKey(app: Database, kid: string): Promise<StoredJwtKey | undefined> {
  const [row] = await app.transaction(null, (sql) =>
    sql.query<Row>("SELECT tenant_id, public_key, role, revoked_at FROM proofx.find_jwt_key($1)", [kid]),
  );
  if (row === undefined) return undefined;
  const { tenant_id: tenant, public_key: publicKey, role, revoked_at } = row;
  return { kid, tenant, publicKey, role, revoked: revoked_at !== null };
}

export interface NewJwtKey {
  readonly tenant: string;
  /** Most that its tokens may do. */
  readonly role: Role;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** The key's RFC 7638 thumbprint without one. */
  readonly kid?: string | undefined;
}

/**
 * Makes a key known that a tenant signs tokens with; a repeat changes nothing.
 *
 * @returns its `kid`. @throws InputError for a key that is none, RefusedError when the `kid` is another key's.
 */
export async function addJwtKey(
  keeper: Database,
  { tenant, role, publicKey, kid = thumbprint(publicKey) }: NewJwtKey,
  now = Date.now(),
): Promise<{ kid: string; created: boolean }> {
  if (!KID.test(kid)) throw InputError.expected("kid", KID_FORM, kid);
  requireSound(publicKey);
  try {
    await insertForTenant(tenant, () =>
      keeper.transaction(null, (sql) =>
        sql.query(
          "INSERT INTO proofx.jwt_keys (kid, tenant_id, public_key, role, created_at) VALUES ($1, $2, $3, $4, $5)",
          [kid, tenant, publicKey, role, BigInt(now)],
        ),
      ),
    );
    return { kid, created: true };
  } catch (error) {
    if (sqlState(error) !== "23505") throw error;
    const found = (await listJwtKeys(keeper)).find((key) => key.kid === kid);
    const same =
      found?.tenant === tenant && found.role === role && Buffer.from(found.publicKey).equals(publicKey);
    if (same && found.revokedAt === undefined) return { kid, created: false };
    throw new RefusedError(`kid ${kid} is taken, by another key or a revoked one`, {
      next: "use another key, or another --kid",
    });
  }
}

/** All keys that tokens are signed with, or a tenant's, oldest first. */
export async function listJwtKeys(keeper: Database, tenant?: string): Promise<JwtKeyInfo[]> {
  const rows = await keeper.transaction(null, (sql) =>
    sql.query<Row>(
      `SELECT kid, tenant_id, public_key, role, created_at, revoked_at FROM proofx.jwt_keys
       WHERE $1::uuid IS NULL OR tenant_id = $1 ORDER BY created_at, kid`,
      [tenant ?? null],
    ),
  );
  return rows.map(({ kid, tenant_id, public_key, role, created_at, revoked_at }) => ({
    kid,
    tenant: tenant_id,
    publicKey: public_key,
    role,
    createdAt: Number(created_at),
    revokedAt: revoked_at === null ? undefined : Number(revoked_at),
  }));
}

/** Revokes a key and with it every token it signed. @returns false when it was before. @throws InputError when there is none. */
export async function revokeJwtKey(keeper: Database, kid: string, now = Date.now()): Promise<boolean> {
  return await keeper.transaction(null, async (sql) => {
    const revoked = await sql.query(
      "UPDATE proofx.jwt_keys SET revoked_at = $2 WHERE kid = $1 AND revoked_at IS NULL RETURNING kid",
      [kid, BigInt(now)],
    );
    if (revoked.length > 0) return true;
    const known = await sql.query("SELECT kid FROM proofx.jwt_keys WHERE kid = $1", [kid]);
    if (known.length > 0) return false;
    throw InputError.expected("kid", "that of a registered key", kid, "npx hardhat jwtkey list");
  });
}

/** RFC 7638 with SHA-256, of the key as RFC 8037 writes it. */
export function thumbprint(publicKey: Uint8Array): string {
  const members = `{"crv":"Ed25519","kty":"OKP","x":"${toBase64url(publicKey)}"}`;
  return toBase64url(createHash("sha256").update(members).digest());
}

/** A point outside the prime-order group would let signatures hold that nobody made. */
function requireSound(publicKey: Uint8Array): void {
  try {
    const point = ed25519.Point.fromBytes(publicKey, false);
    if (!point.isSmallOrder() && point.isTorsionFree()) return;
  } catch {
    // Said below.
  }
  throw InputError.expected("public key", "a canonical Ed25519 public key of prime order", publicKey);
}
