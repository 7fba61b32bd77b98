import { createDecipheriv } from "node:crypto";
import { equalBytes, utf8 } from "../../core/bytes.ts";
import { CheckError } from "../../core/errors.ts";

const MAGIC = utf8("magic", "SSE1");
const NONCE = 12;
const TAG = 16;

/** Whether a record has the older format's mark: `"SSE1" || nonce (12) || ciphertext || tag (16)`. */
export function isSse1(sealed: Uint8Array): boolean {
  return equalBytes(sealed.subarray(0, MAGIC.length), MAGIC);
}

/**
 * Opens a record of the older format: raw AES-256-GCM, under a key that it does not name. Nothing is written in it any more; only
 * re-encryption reads it, and tries the legacy keys it was given one after another.
 *
 * @param keys 32 bytes each, newest first.
 * @param aad The same 32 bytes as in SSE2.
 * @throws CheckError when none of the keys opens it.
 */
export function openLegacyRecord(
  keys: readonly Uint8Array[],
  aad: Uint8Array,
  sealed: Uint8Array,
): Uint8Array {
  if (isSse1(sealed) && sealed.length >= MAGIC.length + NONCE + TAG) {
    for (const key of keys) {
      const plaintext = tryOpen(key, aad, sealed.subarray(MAGIC.length));
      if (plaintext !== undefined) return plaintext;
    }
  }
  throw new CheckError(`sealed record: none of the ${keys.length} legacy keys opens it`, {
    next: "add the key it was sealed with to the file of legacy keys, or restore the row from a backup",
  });
}

function tryOpen(key: Uint8Array, aad: Uint8Array, body: Uint8Array): Uint8Array | undefined {
  const decipher = createDecipheriv("aes-256-gcm", key, body.subarray(0, NONCE), { authTagLength: TAG });
  decipher.setAAD(aad).setAuthTag(body.subarray(-TAG));
  const plaintext = decipher.update(body.subarray(NONCE, -TAG));
  try {
    decipher.final();
    return Uint8Array.from(plaintext);
  } catch {
    return undefined;
  }
}
