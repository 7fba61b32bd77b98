import { ed25519 } from "@noble/curves/ed25519.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { fromHex, type Hex, toHex } from "../../core/bytes.ts";
import { taggedHash } from "../../core/hash.ts";
import { canonicalJson, type Json } from "../../core/json.ts";
import type { KeyProvider } from "../../core/ports.ts";
import type { KeyReference } from "./records.ts";

/**
 * Signs `H("PROOFX_KEY_ROTATION_V1" || JCS(statement))` with a key: ECDSA r and s, or Ed25519 over the hash; 64 bytes.
 *
 * The tag keeps it apart from every digest that means something on a chain or in the log.
 */
export async function signStatement(keys: KeyProvider, key: KeyReference, statement: Json): Promise<Hex> {
  const hash = hashOf(statement);
  if (key.algorithm === "ed25519") return toHex(await keys.signMessage(key.name, hash));
  const { r, s } = await keys.signDigest(key.name, hash);
  return `${r}${s.slice(2)}` as Hex;
}

/** Whether a key signed a statement. */
export function isSigned(key: KeyReference, statement: Json, signature: Hex): boolean {
  try {
    const [publicKey, hash] = [fromHex("public key", key.publicKey), hashOf(statement)];
    const bytes = fromHex("signature", signature, 64);
    return key.algorithm === "ed25519"
      ? ed25519.verify(bytes, hash, publicKey, { zip215: false })
      : secp256k1.verify(bytes, hash, publicKey, { prehash: false });
  } catch {
    // Bytes that are no point or no signature.
    return false;
  }
}

function hashOf(statement: Json): Uint8Array {
  return taggedHash("PROOFX_KEY_ROTATION_V1", canonicalJson("rotation", statement));
}
