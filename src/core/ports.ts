import type { Hex } from "./bytes.ts";

/** What a key signs with: ECDSA for the chain, Ed25519 (RFC 8032) for the log. */
export type SigningAlgorithm = "secp256k1" | "ed25519";

/** What a key does: it signs, it wraps other keys (`aes-256`), or it is an account on Aleo (`aleo`). */
export type KeyAlgorithm = SigningAlgorithm | "aes-256" | "aleo";

/** What may be known of a key by everybody. */
export interface KeyInfo {
  /** 1 to 64 of `a-z 0-9 . _ -`, beginning with a letter or digit. */
  readonly name: string;
  readonly algorithm: KeyAlgorithm;
  /** 33 bytes compressed (secp256k1), 32 bytes (ed25519) or the address's 32 (aleo); `0x` for aes-256, which has no public half. */
  readonly publicKey: Hex;
  /** EIP-55 address (secp256k1) or `aleo1…` (aleo); the others have none. */
  readonly address?: string;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
}

/** An ECDSA signature as Ethereum takes it; `r` and `s` are 32 bytes, `s` is in the lower half of the order. */
export interface EcdsaSignature {
  readonly r: Hex;
  readonly s: Hex;
  readonly yParity: 0 | 1;
}

/**
 * Where private and secret keys live. They never come out: callers hand in what is to be signed, or the key to be wrapped.
 *
 * Every method that takes a name throws InputError when there is no such key.
 */
export interface KeyProvider {
  /** All keys, sorted by name. Needs no secret. */
  list(): Promise<KeyInfo[]>;

  /** One key. Needs no secret. */
  info(name: string): Promise<KeyInfo>;

  /** Makes a new random key. @throws RefusedError when the name is taken; nothing is ever overwritten. */
  create(name: string, algorithm: KeyAlgorithm): Promise<KeyInfo>;

  /** Signs a 32-byte digest (low s; the nonce is the backend's: RFC 6979 in the keystore). @throws InputError when the key is not secp256k1. */
  signDigest(name: string, digest: Uint8Array): Promise<EcdsaSignature>;

  /** Signs a message of any length; 64 bytes (RFC 8032). @throws InputError when the key is not ed25519. */
  signMessage(name: string, message: Uint8Array): Promise<Uint8Array>;

  /**
   * Encrypts a 32-byte key so that this key alone opens it, under this name and with these `aad` bytes. Every call gives other bytes.
   *
   * @throws InputError when the key is not aes-256, or `key` is not 32 bytes.
   */
  wrapKey(name: string, key: Uint8Array, aad: Uint8Array): Promise<Uint8Array>;

  /**
   * The key in what `wrapKey` gave.
   *
   * @throws InputError when the key is not aes-256; CheckError when one bit of `wrapped`, the name, the `aad` or the key is another.
   */
  unwrapKey(name: string, wrapped: Uint8Array, aad: Uint8Array): Promise<Uint8Array>;

  /**
   * A signer for very many messages, with the key opened once and held; a backend without it is asked message by message.
   *
   * @throws InputError when the key is not ed25519.
   */
  ed25519Signer?(name: string): Promise<(message: Uint8Array) => Promise<Uint8Array>>;

  /**
   * Lends an Aleo key's seed: the one key that comes out, for Aleo's proofs take the private key itself. Only a backend whose
   * keys are in this process has it.
   *
   * @param use Gets 32 bytes, a number below the order of Aleo's field with the lowest byte first; they are wiped afterwards.
   * @throws InputError when the key is not aleo.
   */
  withAleoSeed?<T>(name: string, use: (seed: Uint8Array) => T | Promise<T>): Promise<T>;
}
