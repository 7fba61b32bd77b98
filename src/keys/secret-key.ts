import { createPrivateKey, randomBytes, sign } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { computeAddress } from "ethers";
import { type Hex, toHex } from "../core/bytes.ts";
import { CheckError, InputError } from "../core/errors.ts";
import type { EcdsaSignature, KeyAlgorithm, KeyInfo, SigningAlgorithm } from "../core/ports.ts";
import { requireDigest } from "./ecdsa.ts";

export const SIGNING_ALGORITHMS = ["secp256k1", "ed25519"] as const satisfies readonly SigningAlgorithm[];
export const ALGORITHMS = [...SIGNING_ALGORITHMS, "aes-256"] as const satisfies readonly KeyAlgorithm[];

/** `secp256k1, ed25519 or aes-256`, for error texts. */
export const ALGORITHMS_FORM = `${SIGNING_ALGORITHMS.join(", ")} or aes-256`;

/** @throws InputError unless it is an algorithm there is. */
export function requireAlgorithm(algorithm: KeyAlgorithm): void {
  if (!ALGORITHMS.includes(algorithm)) {
    throw InputError.expected("algorithm", ALGORITHMS_FORM, algorithm);
  }
}

/** @throws InputError unless the key is of the algorithm that a signature, or wrapping, needs. */
export function requireKind({ name, algorithm }: KeyInfo, needed: KeyAlgorithm): void {
  if (algorithm === needed) return;
  const use = needed === "aes-256" ? "wrapping keys needs" : "this signature needs";
  throw InputError.expected(`key "${name}"`, `${needed}, as ${use}`, algorithm);
}

/** @throws InputError unless a key made elsewhere can be taken in as one of this algorithm. */
export function requireImportable(algorithm: KeyAlgorithm): void {
  requireAlgorithm(algorithm);
  if (algorithm !== "aes-256") return;
  throw InputError.expected(
    "algorithm of a key from elsewhere",
    SIGNING_ALGORITHMS.join(" or "),
    algorithm,
    "make a new one with keys create; log reencrypt takes over what an older key sealed",
  );
}

/** Length of a secret of any algorithm (for ed25519, of its seed). */
export const SECRET_BYTES = 32;

/**
 * @throws InputError unless the bytes are a private key: for secp256k1 from 1 to the order less 1, for the others any bytes.
 *   It says nothing of what they are.
 */
export function requireSecret(algorithm: KeyAlgorithm, secret: Uint8Array): void {
  if (secret.length !== SECRET_BYTES)
    throw InputError.expected("private key", `${SECRET_BYTES} bytes`, secret);
  if (algorithm === "secp256k1" && !secp256k1.utils.isValidSecretKey(secret)) {
    throw new InputError(
      "private key: expected a number from 1 to the order of secp256k1 less 1, got another",
    );
  }
}

/** A fresh private or secret key from the system's random source. */
export function generateSecret(algorithm: KeyAlgorithm): Uint8Array {
  if (algorithm === "aes-256") return Uint8Array.from(randomBytes(SECRET_BYTES));
  return algorithm === "secp256k1" ? secp256k1.utils.randomSecretKey() : ed25519.utils.randomSecretKey();
}

/** Public key of a private key: 33 bytes compressed (secp256k1), 32 (ed25519) or none (aes-256). */
export function publicKeyOf(algorithm: KeyAlgorithm, secret: Uint8Array): Hex {
  if (algorithm === "aes-256") return "0x";
  return toHex(
    algorithm === "secp256k1" ? secp256k1.getPublicKey(secret, true) : ed25519.getPublicKey(secret),
  );
}

/** EIP-55 address of a compressed secp256k1 public key. @throws when it is no point of the curve. */
export function addressOf(publicKey: Hex): string {
  return computeAddress(publicKey);
}

/** ECDSA over a 32-byte digest as it is: deterministic (RFC 6979), low s. */
export function signDigest(secret: Uint8Array, digest: Uint8Array): EcdsaSignature {
  requireDigest(digest);
  const [recovery, ...rs] = secp256k1.sign(digest, secret, {
    prehash: false,
    lowS: true,
    format: "recovered",
  });
  // 2 and 3 stand for an r above the order, which nobody will ever see and Ethereum cannot express.
  if (recovery !== 0 && recovery !== 1)
    throw new CheckError("this digest has no signature Ethereum can express");
  const bytes = Uint8Array.from(rs);
  return { r: toHex(bytes.subarray(0, 32)), s: toHex(bytes.subarray(32)), yParity: recovery };
}

/** Ed25519 (RFC 8032), 64 bytes. */
export function signMessage(secret: Uint8Array, message: Uint8Array): Uint8Array {
  return ed25519.sign(message, secret);
}

/** What stands before an Ed25519 seed in its PKCS #8 encoding (RFC 8410). */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

/** Ed25519 by the system's library, some ten times as fast as `signMessage`, with the same signatures. */
export function nativeSigner(secret: Uint8Array): (message: Uint8Array) => Promise<Uint8Array> {
  const encoded = Buffer.concat([PKCS8, secret]);
  const key = createPrivateKey({ key: encoded, format: "der", type: "pkcs8" });
  encoded.fill(0);
  return async (message) => sign(null, message, key);
}
