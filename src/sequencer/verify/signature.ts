import { createPublicKey, type KeyObject, verify } from "node:crypto";

/** What stands before an Ed25519 public key in its SubjectPublicKeyInfo encoding (RFC 8410). */
const SPKI = Buffer.from("302a300506032b6570032100", "hex");

/** A public key as the system's library takes it; made once a key. */
export function verifyingKey(publicKey: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI, publicKey]), format: "der", type: "spki" });
}

/**
 * Whether an Ed25519 signature holds, natively and on another thread.
 *
 * OpenSSL, on purpose: the way in verifies by libsodium (`src/keys/ed25519.ts`), so each looks after the other. It refuses S at
 * or above the order and compares R byte by byte, and keys were checked when they were registered: whatever holds here, holds
 * for every strict reader.
 */
export function verifySignature(
  message: Uint8Array,
  signature: Uint8Array,
  key: KeyObject,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    verify(null, message, key, signature, (error, holds) =>
      error === null ? resolve(holds) : reject(error),
    );
  });
}
