import { generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import {
  Authenticator,
  type AuthenticatorParts,
  AuthFailure,
  addJwtKey,
  type Caller,
  createTenant,
  insertApiKey,
  type NewApiKey,
  newApiKey,
  type Role,
} from "../../../src/sequencer/auth/index.ts";
import type { Store } from "../../../src/sequencer/store/index.ts";

export const AUDIENCE = "proofx.test";

/** A key pair that a tenant signs tokens with. */
export interface TokenSigner {
  readonly kid: string;
  readonly tenant: string;
  readonly privateKey: KeyObject;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

export async function newTenant(store: Store): Promise<string> {
  return (await createTenant(store.as("keeper"), { name: "tenant" })).tenantId;
}

/** Makes an API key. @returns its text. */
export async function apiKey(
  store: Store,
  tenant: string,
  more: Partial<Omit<NewApiKey, "tenant">> = {},
): Promise<string> {
  const key = newApiKey("test");
  await insertApiKey(store.as("keeper"), key, { tenant, role: "admin", name: "test", ...more });
  return key.text;
}

export async function tokenSigner(store: Store, tenant: string, role: Role = "agent"): Promise<TokenSigner> {
  const { privateKey, publicKey: key } = generateKeyPairSync("ed25519");
  const publicKey = Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url");
  const { kid } = await addJwtKey(store.as("keeper"), { tenant, role, publicKey });
  return { kid, tenant, privateKey, publicKey };
}

export const seconds = (): number => Math.floor(Date.now() / 1000);

/** Claims of a token that holds. */
export const claimsOf = (tenant: string): Record<string, unknown> => ({
  sub: randomUUID(),
  tenant,
  iat: seconds(),
  exp: seconds() + 600,
  scope: ["events:write", "events:read"],
  jti: randomUUID(),
  aud: AUDIENCE,
});

/** A signed token, good unless claims or header say otherwise. A claim that is undefined is left out. */
export async function token(
  { kid, tenant, privateKey }: TokenSigner,
  claims: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
): Promise<string> {
  return await new SignJWT({ ...claimsOf(tenant), ...claims })
    .setProtectedHeader({ alg: "EdDSA", kid, ...header })
    .sign(privateKey);
}

export function authenticatorOn(store: Store, more: Partial<AuthenticatorParts> = {}): Authenticator {
  return new Authenticator({
    database: store.as("app"),
    audience: AUDIENCE,
    cacheSeconds: 5,
    cachedCredentials: 100,
    ...more,
  });
}

export const asks = (authenticator: Authenticator, credential: string): Promise<Caller> =>
  authenticator.authenticate(`Bearer ${credential}`, async () => {});

/** Why a credential is not taken; its caller when it is. */
export async function verdict(authenticator: Authenticator, credential: string): Promise<string | Caller> {
  try {
    return await asks(authenticator, credential);
  } catch (error) {
    if (error instanceof AuthFailure) return error.why;
    throw error;
  }
}
