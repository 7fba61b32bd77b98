import { ed25519 } from "@noble/curves/ed25519.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { fromHex, type Hex, toHex } from "../core/bytes.ts";
import { taggedHash } from "../core/hash.ts";
import { canonicalJson, type Json } from "../core/json.ts";
import type { KeyInfo, KeyProvider, SigningAlgorithm } from "../core/ports.ts";

/** A key that signs statements, as it is written beside them. */
export type StatementKey = Pick<KeyInfo, "name" | "publicKey"> & { readonly algorithm: SigningAlgorithm };

/** What kinds of statement there are; a signature under one says nothing under another. */
export type StatementTag = "PROOFX_KEY_ROTATION_V1" | "PROOFX_BACKUP_V1";

/**
 * Signs `H(tag || JCS(statement))` with a key: ECDSA r and s, or Ed25519 over the hash; 64 bytes.
 *
 * The tag keeps it apart from every digest that means something on a chain or in the log.
 */
export async function signStatement(
  tag: StatementTag,
  keys: KeyProvider,
  key: StatementKey,
  statement: Json,
): Promise<Hex> {
  const hash = hashOf(tag, statement);
  if (key.algorithm === "ed25519") return toHex(await keys.signMessage(key.name, hash));
  const { r, s } = await keys.signDigest(key.name, hash);
  return `${r}${s.slice(2)}` as Hex;
}

/** Whether a key signed a statement. */
export function isSigned(
  tag: StatementTag,
  key: Omit<StatementKey, "name">,
  statement: Json,
  signature: Hex,
): boolean {
  try {
    const [publicKey, hash] = [fromHex("public key", key.publicKey), hashOf(tag, statement)];
    const bytes = fromHex("signature", signature, 64);
    return key.algorithm === "ed25519"
      ? ed25519.verify(bytes, hash, publicKey, { zip215: false })
      : secp256k1.verify(bytes, hash, publicKey, { prehash: false });
  } catch {
    // Bytes that are no point or no signature.
    return false;
  }
}

function hashOf(tag: StatementTag, statement: Json): Uint8Array {
  return taggedHash(tag, canonicalJson("statement", statement));
}
