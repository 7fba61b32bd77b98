import type { Caller } from "./credential.ts";

/** A credential that was taken. */
export interface KnownCredential {
  readonly caller: Caller;
  /** Of a token. */
  readonly jti?: string;
  /** Milliseconds since the epoch until which it need not be looked at again. */
  readonly freshUntil: number;
}

/**
 * Credentials that were good a moment ago, by the hash of their text. Only good ones get in, so that no stranger pushes one out; the
 * one used longest ago goes when it is full.
 */
export class CredentialCache {
  readonly #most: number;
  readonly #known = new Map<string, KnownCredential>();
  #epoch = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#known.size;
  }

  /** Counts up with every revocation: what was looked up before one may have missed it. */
  get epoch(): number {
    return this.#epoch;
  }

  get(digest: string): KnownCredential | undefined {
    const known = this.#known.get(digest);
    if (known === undefined) return undefined;
    this.#known.delete(digest);
    this.#known.set(digest, known);
    return known;
  }

  set(digest: string, known: KnownCredential): void {
    this.#known.delete(digest);
    this.#known.set(digest, known);
    const [oldest] = this.#known.keys();
    if (this.#known.size > this.#most && oldest !== undefined) this.#known.delete(oldest);
  }

  delete(digest: string): void {
    this.#known.delete(digest);
  }

  /** Forgets a tenant's token, however often it was kept. */
  forgetToken(tenant: string, jti: string): void {
    this.#epoch += 1;
    for (const [digest, known] of this.#known)
      if (known.jti === jti && known.caller.tenant === tenant) this.#known.delete(digest);
  }
}
