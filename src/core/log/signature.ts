import { ed25519 } from "@noble/curves/ed25519.js";

/**
 * Whether an Ed25519 signature holds by RFC 8032, read strictly: S and points in canonical form only, and no public
 * key of small order, under which one signature would hold for many messages.
 *
 * @param signature 64 bytes.
 * @param publicKey 32 bytes.
 * @returns false for anything malformed too.
 */
export function verifyEd25519(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.length !== 64 || publicKey.length !== 32) return false;
  return ed25519.verify(signature, message, publicKey, { zip215: false });
}
