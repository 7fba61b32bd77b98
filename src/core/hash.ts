import { concatBytes, uint, utf8 } from "./bytes.ts";
import { sha256 } from "./sha256.ts";

/** Most of what is hashed is short: it is put together here, and no array is made for it. */
const scratch = new Uint8Array(1024);

/** `H(tag || parts)`: SHA-256 behind an ASCII tag that only one kind of hash begins with. */
export function taggedHash(tag: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const begin = tagBytes(tag);
  let length = begin.length;
  for (const part of parts) length += part.length;
  if (length > scratch.length) return sha256(concatBytes(begin, ...parts));
  scratch.set(begin);
  let at = begin.length;
  for (const part of parts) {
    scratch.set(part, at);
    at += part.length;
  }
  return sha256(scratch.subarray(0, length));
}

const tags = new Map<string, Uint8Array>();

/** A tag's bytes; there are a few dozen, all written in the source. */
function tagBytes(tag: string): Uint8Array {
  let bytes = tags.get(tag);
  if (bytes === undefined) {
    bytes = utf8("tag", tag);
    tags.set(tag, bytes);
  }
  return bytes;
}

/** `S(x)`: `u32 length || utf8`. */
export function sizedText(what: string, text: string): Uint8Array {
  const bytes = utf8(what, text);
  return concatBytes(uint(what, bytes.length, 4), bytes);
}
