import { secp256k1 } from "@noble/curves/secp256k1.js";
import { equalBytes, fromHex, type Hex, toHex } from "../core/bytes.ts";
import { CheckError, InputError } from "../core/errors.ts";
import type { EcdsaSignature } from "../core/ports.ts";

/** How a signature's r and s come out of a device: one after the other, 32 bytes each, or as ASN.1 DER (RFC 3279). */
export type EcdsaEncoding = "compact" | "der";

/** @throws InputError unless the digest is 32 bytes. */
export function requireDigest(digest: Uint8Array): Uint8Array {
  if (digest.length !== 32) throw InputError.expected("digest", "32 bytes", digest);
  return digest;
}

/**
 * A signature that somebody else's device made, as Ethereum takes it: s in the lower half, and the parity that makes
 * recovery give the key's public key. So it verifies, or there is none.
 *
 * @param publicKey 33 bytes compressed.
 * @throws CheckError when the bytes are no signature of this digest by this key.
 */
export function ethereumSignature(
  publicKey: Hex,
  digest: Uint8Array,
  signature: Uint8Array,
  encoding: EcdsaEncoding,
): EcdsaSignature {
  const { r, s: given } = decode(signature, encoding);
  const order = secp256k1.Point.Fn.ORDER;
  const s = given > order / 2n ? order - given : given;
  const wanted = fromHex("public key", publicKey, 33);
  for (const yParity of [0, 1] as const) {
    const recovered = recover(digest, r, s, yParity);
    if (recovered === undefined || !equalBytes(recovered, wanted)) continue;
    return { r: word(r), s: word(s), yParity };
  }
  throw new CheckError("the device's signature does not verify under the key's public key", {
    next: "find out whether the key on the device was exchanged; do not use it until then",
  });
}

function decode(signature: Uint8Array, encoding: EcdsaEncoding): { r: bigint; s: bigint } {
  try {
    return secp256k1.Signature.fromBytes(signature, encoding);
  } catch (cause) {
    throw new CheckError(`the device's answer is no ECDSA signature (${encoding})`, { cause });
  }
}

function recover(digest: Uint8Array, r: bigint, s: bigint, yParity: 0 | 1): Uint8Array | undefined {
  try {
    return new secp256k1.Signature(r, s, yParity).recoverPublicKey(digest).toBytes(true);
  } catch {
    // For this parity r is no point's x, or the sum is the point at infinity.
    return undefined;
  }
}

function word(value: bigint): Hex {
  return `0x${value.toString(16).padStart(64, "0")}`;
}

/** Compressed public key of a secp256k1 point in any SEC 1 form. @throws CheckError when it is no point of the curve. */
export function compressedPoint(point: Uint8Array): Hex {
  try {
    return toHex(secp256k1.Point.fromBytes(point).toBytes(true));
  } catch (cause) {
    throw new CheckError("the device's public key is no point of secp256k1", { cause });
  }
}
