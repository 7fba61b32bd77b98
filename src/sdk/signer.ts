import { ed25519 } from "@noble/curves/ed25519.js";
import { requireLength } from "../core/bytes.ts";
import type { EventSigner } from "../core/log/build.ts";

/** A new random Ed25519 secret key, 32 bytes: whoever has it is the agent. */
export function generateSecretKey(): Uint8Array {
  return ed25519.utils.randomSecretKey();
}

/**
 * A signer whose secret key is in this process. A key store, a token or a service behind `EventSigner` keeps it elsewhere.
 *
 * @throws InputError unless the key is 32 bytes.
 */
export function secretSigner(secretKey: Uint8Array): EventSigner {
  const secret = requireLength("secret key", secretKey, 32).slice();
  return { publicKey: ed25519.getPublicKey(secret), sign: async (hash) => ed25519.sign(hash, secret) };
}
