import { ed25519 } from "@noble/curves/ed25519.js";
import { Refusal } from "../ingest/refusal.ts";

/**
 * Holds an agent's public key to what makes a signature name one signer: a point of the curve in its one encoding, in the
 * subgroup of prime order.
 *
 * @param publicKey 32 bytes.
 * @throws Refusal
 */
export function requireSoundKey(publicKey: Uint8Array): void {
  if (isSound(publicKey)) return;
  throw new Refusal("key-malformed", "public_key is not a canonical Ed25519 public key of prime order", {
    pointer: "/public_key",
  });
}

function isSound(publicKey: Uint8Array): boolean {
  try {
    const point = ed25519.Point.fromBytes(publicKey, false);
    return !point.isSmallOrder() && point.isTorsionFree();
  } catch {
    return false;
  }
}
