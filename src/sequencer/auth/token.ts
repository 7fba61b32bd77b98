import { createPublicKey, type KeyObject } from "node:crypto";
import { decodeProtectedHeader, errors, jwtVerify } from "jose";
import { z } from "zod";
import { toBase64url } from "../../core/base64url.ts";
import { uuidField } from "../../core/json.ts";
import type { Caller } from "./credential.ts";
import { AuthFailure, type Blamed } from "./failure.ts";
import { KID, type StoredJwtKey } from "./jwt-key-rows.ts";
import { isRole, permissionsOf } from "./permissions.ts";
import { JTI } from "./revoked-tokens.ts";

/** Seconds from `iat` to `exp` at most. */
export const TOKEN_SECONDS = 3_600;
/** Seconds that the clock of who made the token may be ahead of ours. */
const CLOCK_SECONDS = 30;
/** The one signature algorithm; a header that says another is not looked at further. */
const ALGORITHM = "EdDSA";
/** Nothing else is understood, and what is not understood is refused: `crit`, keys that a token brings along, addresses of keys. */
const HEADER = z.strictObject({
  alg: z.string(),
  kid: z.string().regex(KID),
  typ: z.literal("JWT").optional(),
});

const CLAIMS = z.looseObject({
  sub: uuidField,
  tenant: uuidField,
  iat: z.int(),
  exp: z.int(),
  nbf: z.int().optional(),
  jti: z.string().regex(JTI),
  aud: z.union([z.string(), z.array(z.string())]),
  scope: z.array(z.string().max(64)).max(32),
});

/** A token that holds. */
export interface VerifiedToken {
  readonly caller: Caller;
  readonly jti: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

export interface TokenRules {
  /** What `aud` has to name. */
  readonly audience: string;
  keyOf(kid: string): Promise<StoredJwtKey | undefined>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Holds a token to every rule but revocation. @throws AuthFailure */
export async function verifyToken(
  text: string,
  { audience, keyOf, now }: TokenRules,
): Promise<VerifiedToken> {
  const kid = kidOf(text);
  const key = await keyOf(kid);
  if (key === undefined) throw new AuthFailure("token-key-unknown");
  const blamed: Blamed = { tenant: key.tenant, source: `jwt:${kid}` };
  const payload = await verifySignature(text, key, { audience, now }, blamed);
  const read = CLAIMS.safeParse(payload);
  if (!read.success) throw new AuthFailure("token-claims", blamed);
  const { sub, tenant, iat, exp, jti, scope } = read.data;
  if (tenant !== key.tenant) throw new AuthFailure("token-tenant", blamed);
  const seconds = now / 1000;
  // The library grants the same leeway at both ends; a token gets none past its own.
  if (exp <= seconds) throw new AuthFailure("token-expired", blamed);
  if (iat > seconds + CLOCK_SECONDS) throw new AuthFailure("token-not-yet-valid", blamed);
  if (exp - iat > TOKEN_SECONDS) throw new AuthFailure("token-too-long", blamed);
  // Last, so that only who holds the key learns by the time it takes that it was revoked.
  if (key.revoked) throw new AuthFailure("token-key-revoked", blamed);
  if (!isRole(key.role)) throw new AuthFailure("role-unknown", blamed);
  const permissions = permissionsOf(key.role, scope);
  const credentialId = `jwt:${kid}:${sub}`;
  return {
    caller: { tenant, role: key.role, permissions, agentId: sub, credentialId },
    jti,
    expiresAt: exp * 1000,
  };
}

function kidOf(text: string): string {
  let header: unknown;
  try {
    header = decodeProtectedHeader(text);
  } catch (cause) {
    throw new AuthFailure("token-malformed", undefined, cause);
  }
  if ((header as { alg?: unknown }).alg !== ALGORITHM) throw new AuthFailure("token-algorithm");
  const read = HEADER.safeParse(header);
  if (!read.success) throw new AuthFailure("token-malformed");
  return read.data.kid;
}

async function verifySignature(
  text: string,
  { publicKey }: StoredJwtKey,
  { audience, now }: Pick<TokenRules, "audience" | "now">,
  blamed: Blamed,
): Promise<unknown> {
  try {
    const verified = await jwtVerify(text, keyObject(publicKey), {
      algorithms: [ALGORITHM],
      audience,
      requiredClaims: ["sub", "tenant", "iat", "exp", "jti", "aud", "scope"],
      clockTolerance: CLOCK_SECONDS,
      currentDate: new Date(now),
    });
    return verified.payload;
  } catch (cause) {
    throw new AuthFailure(causeOf(cause), blamed, cause);
  }
}

function causeOf(error: unknown) {
  if (error instanceof errors.JWTExpired) return "token-expired";
  if (error instanceof errors.JWSSignatureVerificationFailed) return "token-signature";
  if (!(error instanceof errors.JWTClaimValidationFailed)) return "token-malformed";
  if (error.claim === "aud") return "token-audience";
  return error.claim === "nbf" && error.reason === "check_failed" ? "token-not-yet-valid" : "token-claims";
}

/** A public key by type: the library cannot take it for the secret of a MAC. */
function keyObject(publicKey: Uint8Array): KeyObject {
  return createPublicKey({
    format: "jwk",
    key: { kty: "OKP", crv: "Ed25519", x: toBase64url(publicKey) },
  });
}
