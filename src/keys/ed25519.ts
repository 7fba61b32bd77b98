import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { createRequire } from "node:module";
import { equalBytes, requireLength } from "../core/bytes.ts";
import { CheckError } from "../core/errors.ts";

/** Whether a signature of 64 bytes holds for a message, under the public key this was made for. */
export type VerifyMessage = (message: Uint8Array, signature: Uint8Array) => boolean;

/** Signs a message: 64 bytes. */
export type SignMessage = (message: Uint8Array) => Uint8Array;

/**
 * Ed25519 (RFC 8032) in machine code, on the thread that asks.
 *
 * Both kinds refuse S at or above the order and compare R byte by byte. libsodium also refuses public keys and R of small
 * order; such keys are refused when they are registered, and no signer ever makes such an R.
 */
export interface NativeEd25519 {
  readonly name: "libsodium" | "OpenSSL";
  /** @param publicKey 32 bytes, checked by whoever registered it. */
  verifier(publicKey: Uint8Array): VerifyMessage;
  /** @param secret The seed, 32 bytes; it is copied, and what is held lies outside of the engine's heap. */
  signer(secret: Uint8Array): SignMessage;
}

const PUBLIC = 32;
const SECRET = 32;
const SIGNATURE = 64;
/** Nearly all that is signed here is a hash. */
const HASH = 32;

/** What of libsodium's binding is used; it has no types of its own. */
interface Sodium {
  sodium_malloc(length: number): Buffer;
  crypto_sign_seed_keypair(publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array): void;
  crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void;
  crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
}

/** libsodium, some two times as quick as OpenSSL; undefined on a machine that it is not built for. */
export function libsodium(): NativeEd25519 | undefined {
  const sodium = loadSodium();
  if (sodium === undefined) return undefined;
  return {
    name: "libsodium",
    verifier(publicKey) {
      const key = Uint8Array.from(requireLength("public key", publicKey, PUBLIC));
      return (message, signature) => {
        if (signature.length !== SIGNATURE) return false;
        given.signature.set(signature);
        return sodium.crypto_sign_verify_detached(given.signature, outside(message), key);
      };
    },
    signer(secret) {
      const seed = Uint8Array.from(requireLength("secret key", secret, SECRET));
      // Locked into memory between guard pages, and wiped when nobody holds it any more.
      const key = sodium.sodium_malloc(SECRET + PUBLIC);
      sodium.crypto_sign_seed_keypair(new Uint8Array(PUBLIC), key, seed);
      seed.fill(0);
      return (message) => {
        sodium.crypto_sign_detached(given.signature, outside(message), key);
        return new Uint8Array(given.signature);
      };
    },
  };
}

/**
 * What libsodium is given. A short array lies in the engine's heap, from where it would be moved for libsodium to see it: its
 * collector then works longer for it than the move took. So its bytes are copied to where they can be seen.
 */
const given = { signature: Buffer.allocUnsafeSlow(SIGNATURE), hash: Buffer.allocUnsafeSlow(HASH) };

function outside(message: Uint8Array): Uint8Array {
  if (message.length !== HASH) return message;
  given.hash.set(message);
  return given.hash;
}

/** What stands before a public key and a seed in their encodings (RFC 8410). */
const SPKI = Buffer.from("302a300506032b6570032100", "hex");
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

/** The system's library: everywhere that Node is. */
export const openssl: NativeEd25519 = {
  name: "OpenSSL",
  verifier(publicKey) {
    const encoded = Buffer.concat([SPKI, requireLength("public key", publicKey, PUBLIC)]);
    const key = createPublicKey({ key: encoded, format: "der", type: "spki" });
    return (message, signature) => verify(null, message, key, signature);
  },
  signer(secret) {
    const encoded = Buffer.concat([PKCS8, requireLength("secret key", secret, SECRET)]);
    const key = createPrivateKey({ key: encoded, format: "der", type: "pkcs8" });
    encoded.fill(0);
    return (message) => sign(null, message, key);
  },
};

let chosen: NativeEd25519 | undefined;

/**
 * The quickest kind that this machine has.
 *
 * @throws CheckError when it does not sign as RFC 8032 says.
 */
export function nativeEd25519(): NativeEd25519 {
  chosen ??= selfTested(libsodium() ?? openssl);
  return chosen;
}

/** RFC 8032, section 7.1, TEST 2: what a build for another machine would get wrong is not found out by a refused event. */
const KNOWN = {
  secret: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
  publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
  message: "72",
  signature:
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
} as const;

function selfTested(kind: NativeEd25519): NativeEd25519 {
  const bytes = (name: keyof typeof KNOWN): Uint8Array => Buffer.from(KNOWN[name], "hex");
  const signature = kind.signer(bytes("secret"))(bytes("message"));
  const verifies = kind.verifier(bytes("publicKey"));
  if (equalBytes(signature, bytes("signature")) && verifies(bytes("message"), signature)) return kind;
  throw new CheckError(`${kind.name} does not sign as RFC 8032 says on this machine`);
}

function loadSodium(): Sodium | undefined {
  try {
    return createRequire(import.meta.url)("sodium-native") as Sodium;
  } catch {
    return undefined;
  }
}
