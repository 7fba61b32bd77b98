import { createHash, timingSafeEqual } from "node:crypto";
import { InputError } from "../../core/errors.ts";
import type { Database } from "../store/index.ts";
import { type ApiKeyText, hashApiKey, parseApiKey } from "./api-key.ts";
import { findApiKey } from "./api-key-rows.ts";
import type { Caller } from "./credential.ts";
import { CredentialCache, type KnownCredential } from "./credential-cache.ts";
import { AuthFailure } from "./failure.ts";
import { findJwtKey } from "./jwt-key-rows.ts";
import { isRole, permissionsOf } from "./permissions.ts";
import { insertRevokedToken, isTokenRevoked, JTI } from "./revoked-tokens.ts";
import { TOKEN_SECONDS, verifyToken } from "./token.ts";

export interface AuthenticatorParts {
  /** As the app. */
  readonly database: Database;
  /** What a token's `aud` has to name. */
  readonly audience: string;
  /** Seconds that a credential counts as good without another look: how long a revocation elsewhere can go unnoticed. */
  readonly cacheSeconds: number;
  /** Credentials kept in memory. */
  readonly cachedCredentials: number;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

const LONGEST = 4_096;
const BEARER = /^Bearer +([\x21-\x7e]+)$/i;
/** What a prefix that nobody has is compared with: it takes the same time. */
const NOBODY = new Uint8Array(32);

/** Tells who asks by an `Authorization` header. */
export class Authenticator {
  readonly #parts: Required<AuthenticatorParts>;
  readonly #cache: CredentialCache;
  readonly #underWay = new Map<string, Promise<Caller>>();

  constructor(parts: AuthenticatorParts) {
    this.#parts = { now: Date.now, ...parts };
    this.#cache = new CredentialCache(parts.cachedCredentials);
  }

  /**
   * Who shows this header.
   *
   * @param beforeWork Called before anything is looked up or verified for a credential that was never seen to be good: may throw.
   * @throws AuthFailure; UnavailableError when the database does not answer; whatever `beforeWork` throws.
   */
  async authenticate(authorization: string | undefined, beforeWork: () => Promise<void>): Promise<Caller> {
    const now = this.#parts.now();
    const text = credentialOf(authorization);
    const digest = text === undefined ? undefined : digestOf(text);
    const known = digest === undefined ? undefined : this.#cache.get(digest);
    // What would be fresh for longer than anything ever is was kept before the clock was set back.
    const fresh = known === undefined ? 0 : known.freshUntil - now;
    if (known !== undefined && fresh > 0 && fresh <= this.#parts.cacheSeconds * 1000) return known.caller;
    if (known === undefined) await beforeWork();
    if (authorization === undefined) throw new AuthFailure("credential-missing");
    if (text === undefined || digest === undefined) throw new AuthFailure("credential-malformed");
    // Whoever comes after a revocation does not wait for an answer that was asked for before it.
    const key = `${this.#cache.epoch} ${digest}`;
    const looking = this.#underWay.get(key) ?? this.#look(text, digest, key);
    this.#underWay.set(key, looking);
    return await looking;
  }

  /**
   * Revokes a tenant's token: in this process at once, in others once they look again.
   *
   * @param expiresAt The token's `exp` in milliseconds; it is not checked against the token, which need not be at hand.
   * @throws InputError
   */
  async revokeToken(tenant: string, jti: string, expiresAt: number): Promise<void> {
    if (!JTI.test(jti)) throw InputError.expected("jti", "1 to 128 visible ASCII characters", jti);
    const now = this.#parts.now();
    // A token lives for an hour from an `iat` that our clock, or another process's, may see a little ahead.
    const until = now + (TOKEN_SECONDS + 60) * 1000;
    if (!Number.isSafeInteger(expiresAt) || expiresAt < 0 || expiresAt > until)
      throw InputError.expected("expires_at", "at most an hour from now, as every token's", expiresAt);
    await insertRevokedToken(this.#parts.database, { tenant, jti, now, until });
    this.#cache.forgetToken(tenant, jti);
  }

  async #look(text: string, digest: string, key: string): Promise<Caller> {
    try {
      const { epoch } = this.#cache;
      const known = await this.#verify(text);
      if (epoch === this.#cache.epoch) this.#cache.set(digest, known);
      return known.caller;
    } catch (error) {
      if (error instanceof AuthFailure) this.#cache.delete(digest);
      throw error;
    } finally {
      this.#underWay.delete(key);
    }
  }

  async #verify(text: string): Promise<KnownCredential> {
    const { database, audience, cacheSeconds, now } = this.#parts;
    const freshUntil = now() + cacheSeconds * 1000;
    const key = parseApiKey(text);
    if (key !== undefined) return { caller: await this.#apiKey(key), freshUntil };
    const keyOf = (kid: string) => findJwtKey(database, kid);
    const { caller, jti, expiresAt } = await verifyToken(text, { audience, keyOf, now: now() });
    if (await isTokenRevoked(database, caller.tenant, jti))
      throw new AuthFailure("token-revoked", { tenant: caller.tenant, source: caller.credentialId });
    return { caller, jti, freshUntil: Math.min(freshUntil, expiresAt) };
  }

  async #apiKey(key: ApiKeyText): Promise<Caller> {
    const row = await findApiKey(this.#parts.database, key.prefix);
    const right = timingSafeEqual(hashApiKey(key), row?.hash ?? NOBODY);
    if (row === undefined) throw new AuthFailure("api-key-unknown");
    const blamed = { tenant: row.tenant, source: key.prefix };
    if (!right) throw new AuthFailure("api-key-wrong-secret", blamed);
    if (row.revoked) throw new AuthFailure("api-key-revoked", blamed);
    const { tenant, role, agentId } = row;
    if (!isRole(role)) throw new AuthFailure("role-unknown", blamed);
    return { tenant, role, permissions: permissionsOf(role), agentId, credentialId: key.prefix };
  }
}

/** What follows `Bearer`; undefined for a header of another form or beyond all measure. */
function credentialOf(authorization: string | undefined): string | undefined {
  if (authorization === undefined || authorization.length > LONGEST) return undefined;
  return BEARER.exec(authorization)?.[1];
}

/** Names a credential in memory without being it. */
const digestOf = (text: string): string => createHash("sha256").update(text).digest("base64");
