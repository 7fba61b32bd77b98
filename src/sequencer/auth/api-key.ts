import { randomBytes, randomInt } from "node:crypto";
import { fromBase64url, toBase64url } from "../../core/base64url.ts";
import { InputError } from "../../core/errors.ts";
import { taggedHash } from "../../core/hash.ts";

/** An API key as its owner holds it. */
export interface ApiKeyText {
  /** `px_ENVIRONMENT_` and 12 characters: finds the row, is shown in lists, and is no secret. */
  readonly prefix: string;
  /** All of it: `px_live_0123456789ab_` and 43 characters of base64url. Secret. */
  readonly text: string;
}

const FORM = /^(px_[a-z0-9]{1,10}_[a-z0-9]{12})_([A-Za-z0-9_-]{43})$/;
const ENVIRONMENT = /^[a-z0-9]{1,10}$/;
const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

/** A new API key with 256 random bits. @throws InputError for another environment than 1 to 10 of `a-z 0-9`. */
export function newApiKey(environment: string): ApiKeyText {
  if (!ENVIRONMENT.test(environment))
    throw InputError.expected("environment", "1 to 10 of a-z 0-9, e.g. live", environment);
  const name = Array.from({ length: 12 }, () => LETTERS[randomInt(LETTERS.length)]).join("");
  const prefix = `px_${environment}_${name}`;
  return { prefix, text: `${prefix}_${toBase64url(randomBytes(32))}` };
}

/** The parts of an API key; undefined for any other text, and for a second spelling of the same bits. */
export function parseApiKey(text: string): ApiKeyText | undefined {
  const [, prefix, secret] = FORM.exec(text) ?? [];
  if (prefix === undefined || secret === undefined) return undefined;
  return fromBase64url(secret)?.length === 32 ? { prefix, text } : undefined;
}

/**
 * What is kept of an API key, 32 bytes. A plain hash is enough, and a salt or a slow one would add nothing: 256 random bits are in no
 * dictionary. It covers the prefix, so a hash is good in its own row alone.
 */
export function hashApiKey({ text }: ApiKeyText): Uint8Array {
  return taggedHash("PROOFX_API_KEY_V1", new TextEncoder().encode(text));
}
