import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";
import { concatBytes, equalBytes, requireLength, utf8 } from "../core/bytes.ts";
import { CheckError, InputError } from "../core/errors.ts";
import { sizedText, taggedHash } from "../core/hash.ts";

/** Length of every key that is wrapped, and of every key that wraps. */
export const WRAPPED_KEY_BYTES = 32;

/** What encrypted a wrapped key; the byte after the magic. */
export const FRAMES = { derived: 1, token: 2, service: 3 } as const;
export type Frame = keyof typeof FRAMES;

const MAGIC = utf8("magic", "PXW1");
const SALT = 32;
const COMMITMENT = 32;
const TAG = 16;
const INFO = utf8("info", "PROOFX_KEYWRAP_V1");

/** `H("PROOFX_KEYWRAP_AAD_V1" || S(name) || aad)`: under which name, and for what, a key is wrapped. */
export function wrapContext(name: string, aad: Uint8Array): Uint8Array {
  return taggedHash("PROOFX_KEYWRAP_AAD_V1", sizedText("key name", name), aad);
}

/**
 * Wraps a key under a key that is in memory: `"PXW1" || 1 || salt (32) || commitment (32) || ciphertext (32) || tag (16)`.
 *
 * Each wrap has its own AES-256-GCM key and nonce, HKDF-SHA256 of the wrapping key with a random salt, so no nonce can meet
 * another; the commitment, from the same HKDF, makes sure that no second wrapping key opens it to something else.
 *
 * @param name Of the wrapping key.
 * @throws InputError unless both keys are 32 bytes.
 */
export function sealKey(wrapping: Uint8Array, name: string, key: Uint8Array, aad: Uint8Array): Uint8Array {
  requireLength("key to wrap", key, WRAPPED_KEY_BYTES);
  const salt = randomBytes(SALT);
  const context = wrapContext(name, aad);
  const derived = derive(wrapping, salt, context);
  const cipher = createCipheriv("aes-256-gcm", derived.key, derived.nonce).setAAD(context);
  const ciphertext = Buffer.concat([cipher.update(key), cipher.final()]);
  return frame("derived", salt, derived.commitment, ciphertext, cipher.getAuthTag());
}

/** Opens what `sealKey` gave. @throws CheckError when anything is another than it was. */
export function openKey(
  wrapping: Uint8Array,
  name: string,
  wrapped: Uint8Array,
  aad: Uint8Array,
): Uint8Array {
  const body = unframe("derived", name, wrapped);
  if (body.length !== SALT + COMMITMENT + WRAPPED_KEY_BYTES + TAG) throw notOpened(name);
  const salt = body.subarray(0, SALT);
  const commitment = body.subarray(SALT, SALT + COMMITMENT);
  const context = wrapContext(name, aad);
  const derived = derive(wrapping, salt, context);
  if (!timingSafeEqual(derived.commitment, commitment)) throw notOpened(name);
  const decipher = createDecipheriv("aes-256-gcm", derived.key, derived.nonce, { authTagLength: TAG });
  decipher.setAAD(context).setAuthTag(body.subarray(-TAG));
  try {
    const key = decipher.update(body.subarray(SALT + COMMITMENT, -TAG));
    return Uint8Array.from(Buffer.concat([key, decipher.final()]));
  } catch (cause) {
    throw notOpened(name, cause);
  }
}

/**
 * What a device or service is given to encrypt: 32 zero bytes before the key. AES-GCM alone lets two keys open one
 * ciphertext; with two known blocks in front, finding such keys is as hard as a collision of 256 bits.
 */
export function committing(key: Uint8Array): Uint8Array {
  return concatBytes(new Uint8Array(COMMITMENT), requireLength("key to wrap", key, WRAPPED_KEY_BYTES));
}

/** The key in what a device or service decrypted. @throws CheckError when `committing` did not make it. */
export function committed(name: string, plaintext: Uint8Array): Uint8Array {
  const zeros = plaintext.subarray(0, COMMITMENT);
  const sound =
    plaintext.length === COMMITMENT + WRAPPED_KEY_BYTES && equalBytes(zeros, new Uint8Array(COMMITMENT));
  if (!sound) throw notOpened(name);
  return plaintext.slice(COMMITMENT);
}

/** `"PXW1" || kind || parts`. */
export function frame(kind: Frame, ...parts: readonly Uint8Array[]): Uint8Array {
  return concatBytes(MAGIC, Uint8Array.of(FRAMES[kind]), ...parts);
}

/** What is behind the frame. @throws CheckError when it is another kind's, or none. */
export function unframe(kind: Frame, name: string, wrapped: Uint8Array): Uint8Array {
  if (!equalBytes(wrapped.subarray(0, MAGIC.length), MAGIC)) throw notOpened(name);
  const found = wrapped[MAGIC.length];
  if (found === FRAMES[kind]) return wrapped.subarray(MAGIC.length + 1);
  const other = Object.entries(FRAMES).find(([, number]) => number === found)?.[0];
  if (other === undefined) throw notOpened(name);
  throw new CheckError(
    `key "${name}" cannot open this: it was wrapped by a ${other} key, and this is a ${kind} one`,
    {
      next: "name the backend that wrapped it in [keys] backend",
    },
  );
}

/** Our one error for every reason, since the reasons cannot be told apart for certain. */
export function notOpened(name: string, cause?: unknown): CheckError {
  return new CheckError(
    `key "${name}" does not open this wrapped key: one of the two, or what it belongs to, is another`,
    {
      cause,
      next: "restore the row, or the master key that wrapped it, from a backup of the same time",
    },
  );
}

function derive(wrapping: Uint8Array, salt: Uint8Array, context: Uint8Array) {
  if (wrapping.length !== WRAPPED_KEY_BYTES) throw InputError.expected("wrapping key", "32 bytes", wrapping);
  const okm = new Uint8Array(hkdfSync("sha256", wrapping, salt, concatBytes(INFO, context), 76));
  return { key: okm.subarray(0, 32), nonce: okm.subarray(32, 44), commitment: okm.subarray(44) };
}
