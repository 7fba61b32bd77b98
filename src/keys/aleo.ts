import { randomBytes } from "node:crypto";
import { decodeBech32m, encodeBech32m } from "../core/bech32m.ts";
import { fromHex, type Hex, toHex } from "../core/bytes.ts";
import { InputError, RefusedError } from "../core/errors.ts";

/** Order of the scalar field of BLS12-377, in which an Aleo private key's seed is a number. */
const ORDER = 8444461749428370424248824938781546531375899335154063827935233455917409239041n;
const SEED_BYTES = 32;
/** The highest byte of a number below the order has no more bits than these. */
const TOP_BITS = 0x1f;

/** A fresh seed: a number below the field's order, uniformly, as 32 bytes with the lowest first. */
export function generateAleoSeed(): Uint8Array {
  for (;;) {
    const seed = Uint8Array.from(randomBytes(SEED_BYTES));
    seed[SEED_BYTES - 1] = (seed[SEED_BYTES - 1] ?? 0) & TOP_BITS;
    if (isSeed(seed)) return seed;
  }
}

/** Whether 32 bytes are a seed in its only form: a larger number would be another name of the same key. */
export function isSeed(seed: Uint8Array): boolean {
  const digits = Buffer.from(seed).reverse().toString("hex");
  return seed.length === SEED_BYTES && BigInt(`0x${digits}`) < ORDER;
}

/**
 * The 32 bytes of the address that a seed's account has. Its curve and hashes come from Aleo's own code, which takes about a
 * second to load; nothing else here needs it.
 */
export async function aleoPublicKey(seed: Uint8Array): Promise<Hex> {
  const { PrivateKey } = await import("@provablehq/sdk/testnet.js");
  const key = PrivateKey.from_seed_unchecked(seed);
  const address = key.to_address();
  try {
    return toHex(decodeBech32m("Aleo address", "aleo", address.to_string()));
  } finally {
    address.free();
    key.free();
  }
}

/** `aleo1…` of an address's 32 bytes. */
export function aleoAddressOf(publicKey: Hex): string {
  return encodeBech32m("aleo", fromHex("Aleo public key", publicKey, SEED_BYTES));
}

/**
 * The seed of a private key in Aleo's own form.
 *
 * @param text `APrivateKey1…` @throws InputError that does not repeat the text.
 */
export async function seedOfAleoPrivateKey(text: string): Promise<Uint8Array> {
  const { PrivateKey } = await import("@provablehq/sdk/testnet.js");
  try {
    const key = PrivateKey.from_string(text);
    const seed = key.toBytesLe();
    key.free();
    return seed;
  } catch {
    throw new InputError(
      "private key: expected 64 hex digits or APrivateKey1 and 47 more characters, got another text",
    );
  }
}

/** Why a backend other than the keystore makes no Aleo key. */
export function noAleoKeys(backend: string): RefusedError {
  return new RefusedError(
    `${backend} holds no Aleo keys: none of its curves is Aleo's (Edwards over BLS12-377), and Aleo's proofs take the private key itself`,
    { next: 'keep Aleo keys in a keystore: backend = "keystore" in a configuration of their own' },
  );
}
