import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomFillSync,
  timingSafeEqual,
} from "node:crypto";
import { equalBytes, requireLength, utf8 } from "../../core/bytes.ts";
import { CheckError, InputError } from "../../core/errors.ts";
import { U64_MAX } from "../../core/u64.ts";

const MAGIC = utf8("magic", "SSE2");
const INFO = utf8("info", "PROOFX_ATREST_V2");
const AAD = 32;
const SALT_AT = 12;
const COMMITMENT_AT = SALT_AT + 32;
const CIPHERTEXT_AT = COMMITMENT_AT + 32;
const TAG = 16;

/** Bytes that sealing adds to a record. */
export const SSE2_OVERHEAD = CIPHERTEXT_AT + TAG;

/** A data key, and the number by which every record names it. */
export interface DataKey {
  /** u64, from 1. */
  readonly id: bigint;
  /** 32 bytes, held by OpenSSL: three times as quick as bytes, and no inspection shows them. */
  readonly key: KeyObject;
}

/** A data key of 32 bytes. @throws InputError when they are not, or the id is no u64 from 1. */
export function dataKey(id: bigint, bytes: Uint8Array): DataKey {
  if (id < 1n || id > U64_MAX) throw InputError.expected("data key id", "1 to 2^64 - 1", id);
  return { id, key: createSecretKey(requireLength("data key", bytes, 32)) };
}

/** Salts are taken from the system many at a time; no part of the pool is given twice. */
const pool = Buffer.allocUnsafeSlow(128 * 32);
let given = pool.length;

function freshSalt(): Uint8Array {
  if (given === pool.length) {
    randomFillSync(pool);
    given = 0;
  }
  given += 32;
  return pool.subarray(given - 32, given);
}

/**
 * Seals a record: `"SSE2" || u64 data key id || salt (32) || commitment (32) || ciphertext || tag (16)`.
 *
 * Key, nonce and commitment are HKDF-SHA256 of the data key with a random salt, so each record has its own.
 *
 * @param aad 32 bytes that bind it to its row (`aad.ts`).
 */
export function sealRecord({ id, key }: DataKey, aad: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const sealed = Buffer.allocUnsafe(plaintext.length + SSE2_OVERHEAD);
  sealed.set(MAGIC);
  sealed.writeBigUInt64BE(id, MAGIC.length);
  sealed.set(freshSalt(), SALT_AT);
  const info = infoOf(aad);
  const okm = derive(key, sealed.subarray(SALT_AT, COMMITMENT_AT), info);
  sealed.set(okm.subarray(44), COMMITMENT_AT);
  const recordKey = createSecretKey(okm.subarray(0, 32));
  const cipher = createCipheriv("aes-256-gcm", recordKey, okm.subarray(32, 44));
  // Of the copy, which lies where OpenSSL sees it: a short array of the engine's own heap would be moved for it.
  cipher.setAAD(info.subarray(INFO.length));
  sealed.set(cipher.update(plaintext), CIPHERTEXT_AT);
  cipher.final();
  sealed.set(cipher.getAuthTag(), sealed.length - TAG);
  return sealed;
}

/** Whether a record has this format's mark. */
export function isSse2(sealed: Uint8Array): boolean {
  return equalBytes(sealed.subarray(0, MAGIC.length), MAGIC);
}

/** The data key that a record says it is sealed with. @throws CheckError when it is no such record. */
export function dataKeyIdOf(sealed: Uint8Array): bigint {
  if (!isSse2(sealed) || sealed.length < SSE2_OVERHEAD) {
    throw new CheckError("sealed record: expected one in the format SSE2, got something else");
  }
  return viewOf(sealed).readBigUInt64BE(MAGIC.length);
}

/**
 * Opens what `sealRecord` gave.
 *
 * @throws CheckError when one bit of it, the data key or the row it belongs to is another.
 */
export function openRecord({ id, key }: DataKey, aad: Uint8Array, sealed: Uint8Array): Uint8Array {
  if (dataKeyIdOf(sealed) !== id) throw notOpened();
  const bytes = viewOf(sealed);
  const okm = derive(key, bytes.subarray(SALT_AT, COMMITMENT_AT), infoOf(aad));
  if (!timingSafeEqual(okm.subarray(44), bytes.subarray(COMMITMENT_AT, CIPHERTEXT_AT))) throw notOpened();
  const recordKey = createSecretKey(okm.subarray(0, 32));
  const options = { authTagLength: TAG };
  const decipher = createDecipheriv("aes-256-gcm", recordKey, okm.subarray(32, 44), options);
  decipher.setAAD(aad).setAuthTag(bytes.subarray(-TAG));
  const plaintext = decipher.update(bytes.subarray(CIPHERTEXT_AT, -TAG));
  try {
    decipher.final();
  } catch (cause) {
    throw notOpened(cause);
  }
  return new Uint8Array(plaintext.buffer, plaintext.byteOffset, plaintext.length);
}

/** 32 bytes of AES-256-GCM key, 12 of nonce, 32 of commitment. */
function derive(key: KeyObject, salt: Uint8Array, info: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", key, salt, info, 76));
}

/** What a record's key is bound to beside its salt. */
function infoOf(aad: Uint8Array): Buffer {
  const info = Buffer.allocUnsafe(INFO.length + AAD);
  info.set(INFO);
  info.set(requireLength("aad", aad, AAD), INFO.length);
  return info;
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function notOpened(cause?: unknown): CheckError {
  return new CheckError(
    "sealed record: its data key does not open it: it was changed, or moved from another row",
    {
      cause,
      next: "restore the row from a backup; npx hardhat log verify names every entry that is not as it was signed",
    },
  );
}
