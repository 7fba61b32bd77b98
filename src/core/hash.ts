import { utf8, writeUint32 } from "./bytes.ts";
import { preimage } from "./preimage.ts";

/** `H(tag || parts)`: SHA-256 behind an ASCII tag that only one kind of hash begins with. */
export function taggedHash(tag: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const hashed = preimage(tag);
  for (const part of parts) hashed.bytes("part", part);
  return hashed.digest();
}

/** `S(x)`: `u32 length || utf8`. */
export function sizedText(what: string, text: string): Uint8Array {
  const bytes = utf8(what, text);
  const sized = new Uint8Array(4 + bytes.length);
  writeUint32(sized, 0, bytes.length);
  sized.set(bytes, 4);
  return sized;
}
