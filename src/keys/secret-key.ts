import { randomBytes } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { computeAddress } from "ethers";
import { type Hex, toHex } from "../core/bytes.ts";
import { CheckError, InputError } from "../core/errors.ts";
import type { EcdsaSignature, KeyAlgorithm, KeyInfo, SigningAlgorithm } from "../core/ports.ts";
import { aleoAddressOf, aleoPublicKey, generateAleoSeed, isSeed } from "./aleo.ts";
import { requireDigest } from "./ecdsa.ts";

export const SIGNING_ALGORITHMS = ["secp256k1", "ed25519"] as const satisfies readonly SigningAlgorithm[];
export const ALGORITHMS = [
  ...SIGNING_ALGORITHMS,
  "aes-256",
  "aleo",
] as const satisfies readonly KeyAlgorithm[];

/** `secp256k1, ed25519, aes-256 or aleo`, for error texts. */
export const ALGORITHMS_FORM = `${ALGORITHMS.slice(0, -1).join(", ")} or ${ALGORITHMS.at(-1)}`;

/** @throws InputError unless it is an algorithm there is. */
export function requireAlgorithm(algorithm: KeyAlgorithm): void {
  if (!ALGORITHMS.includes(algorithm)) {
    throw InputError.expected("algorithm", ALGORITHMS_FORM, algorithm);
  }
}

const USES: Readonly<Record<KeyAlgorithm, string>> = {
  secp256k1: "this signature",
  ed25519: "this signature",
  "aes-256": "wrapping keys",
  aleo: "an account on Aleo",
};

/** @throws InputError unless the key is of the algorithm that a signature, or wrapping, needs. */
export function requireKind({ name, algorithm }: KeyInfo, needed: KeyAlgorithm): void {
  if (algorithm === needed) return;
  throw InputError.expected(`key "${name}"`, `${needed}, as ${USES[needed]} needs`, algorithm);
}

/** @throws InputError unless a key made elsewhere can be taken in as one of this algorithm. */
export function requireImportable(algorithm: KeyAlgorithm): void {
  requireAlgorithm(algorithm);
  if (algorithm !== "aes-256") return;
  throw InputError.expected(
    "algorithm of a key from elsewhere",
    `${SIGNING_ALGORITHMS.join(", ")} or aleo`,
    algorithm,
    "make a new one with keys create; log reencrypt takes over what an older key sealed",
  );
}

/** Length of a secret of any algorithm (for ed25519 and aleo, of its seed). */
export const SECRET_BYTES = 32;

/**
 * @throws InputError unless the bytes are a private key: for secp256k1 from 1 to the order less 1, for aleo a number below its
 *   field's order, for the others any bytes.
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
  if (algorithm === "aleo" && !isSeed(secret)) {
    throw new InputError(
      "private key: expected a seed below the order of Aleo's field, got a larger number",
      {
        next: "give the key as Aleo's tools print it: APrivateKey1…",
      },
    );
  }
}

/** A fresh private or secret key from the system's random source. */
export function generateSecret(algorithm: KeyAlgorithm): Uint8Array {
  if (algorithm === "aes-256") return Uint8Array.from(randomBytes(SECRET_BYTES));
  if (algorithm === "aleo") return generateAleoSeed();
  return algorithm === "secp256k1" ? secp256k1.utils.randomSecretKey() : ed25519.utils.randomSecretKey();
}

/** What a key shows of itself: as `publicKeyOf`, and for aleo the 32 bytes of its address. */
export async function publicPartOf(algorithm: KeyAlgorithm, secret: Uint8Array): Promise<Hex> {
  return algorithm === "aleo" ? aleoPublicKey(secret) : publicKeyOf(algorithm, secret);
}

/** Public key of a private key: 33 bytes compressed (secp256k1), 32 (ed25519) or none (aes-256). */
export function publicKeyOf(algorithm: Exclude<KeyAlgorithm, "aleo">, secret: Uint8Array): Hex {
  if (algorithm === "aes-256") return "0x";
  return toHex(
    algorithm === "secp256k1" ? secp256k1.getPublicKey(secret, true) : ed25519.getPublicKey(secret),
  );
}

/** EIP-55 address of a compressed secp256k1 public key. @throws when it is no point of the curve. */
export function addressOf(publicKey: Hex): string {
  return computeAddress(publicKey);
}

/** A key's address; undefined for one that has none. @throws when the public key is none of the algorithm's. */
export function addressFor(algorithm: KeyAlgorithm, publicKey: Hex): string | undefined {
  if (algorithm === "aleo") return aleoAddressOf(publicKey);
  return algorithm === "secp256k1" ? addressOf(publicKey) : undefined;
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
