import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes, uint, utf8 } from "./bytes.ts";

/** `H(tag || parts)`: SHA-256 behind an ASCII tag that only one kind of hash begins with. */
export function taggedHash(tag: string, ...parts: readonly Uint8Array[]): Uint8Array {
  return sha256(concatBytes(utf8("tag", tag), ...parts));
}

/** `S(x)`: `u32 length || utf8`. */
export function sizedText(what: string, text: string): Uint8Array {
  const bytes = utf8(what, text);
  return concatBytes(uint(what, bytes.length, 4), bytes);
}
