import { sha256 } from "@noble/hashes/sha2.js";
import { fromBase64, toBase64 } from "../base64.ts";
import { concatBytes, requireLength, uintFromBytes, utf8 } from "../bytes.ts";
import { InputError } from "../errors.ts";

/** What a key's signature in a note says; C2SP signed-note and tlog-cosignature assign the numbers. */
export const SIGNATURE_TYPE = {
  /** Ed25519 over the note's text. */
  note: 0x01,
  /** Ed25519 over a time and a checkpoint: a witness's cosignature/v1. */
  cosignature: 0x04,
} as const;
export type SignatureType = (typeof SIGNATURE_TYPE)[keyof typeof SIGNATURE_TYPE];

/** An Ed25519 key as it is known to whoever verifies a note. */
export interface VerifierKey {
  /** Not empty, no Unicode space, no `+`. */
  readonly name: string;
  readonly type: SignatureType;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

const NAME_FORM = 'a key name: not empty, without spaces, control characters or "+"';
// biome-ignore lint/suspicious/noControlCharactersInRegex: a note must not hold them.
const NAME = /^[^\p{White_Space}+\u0000-\u001f]+$/u;

/** Whether a text may name a key in a note. */
export function isKeyName(text: string): boolean {
  return text.isWellFormed() && NAME.test(text);
}

/** @throws InputError unless `text` may name a key in a note. */
export function requireKeyName(text: string): string {
  if (!isKeyName(text)) throw InputError.expected("key name", NAME_FORM, text);
  return text;
}

/** The key's number in a signature line, u32: `SHA-256(name || 0x0A || type || public key)[:4]`. */
export function noteKeyId({ name, type, publicKey }: VerifierKey): number {
  const hash = sha256(
    concatBytes(
      utf8("key name", requireKeyName(name)),
      Uint8Array.of(0x0a, type),
      requireLength("public key", publicKey, 32),
    ),
  );
  return Number(uintFromBytes(hash.subarray(0, 4)));
}

/** A verifier key's text, `name+key id+base64(type || public key)`: what a log or a witness publishes. */
export function verifierKey(key: VerifierKey): string {
  const id = noteKeyId(key).toString(16).padStart(8, "0");
  return `${key.name}+${id}+${toBase64(concatBytes(Uint8Array.of(key.type), key.publicKey))}`;
}

/**
 * Reads a verifier key's text.
 *
 * @param what For error texts.
 * @throws InputError for another form, another type than the two Ed25519 ones, or a key id that is not that key's.
 */
export function parseVerifierKey(text: string, what = "verifier key"): VerifierKey {
  const fault = (expected: string) => InputError.expected(what, expected, text);
  const [, name, id, material] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/su.exec(text) ?? [];
  if (name === undefined || id === undefined || material === undefined || !isKeyName(name))
    throw fault("name+8 hex digits+base64");
  const bytes = fromBase64(material);
  const type = Object.values(SIGNATURE_TYPE).find((known) => known === bytes?.[0]);
  if (bytes?.length !== 33 || type === undefined)
    throw fault("an Ed25519 key of type 1 (note) or 4 (cosignature)");
  const key: VerifierKey = { name, type, publicKey: bytes.slice(1) };
  if (noteKeyId(key) !== Number.parseInt(id, 16)) throw fault("a key id that belongs to its name and key");
  return key;
}
