import { BigInt, ByteArray, Bytes } from "@graphprotocol/graph-ts";

export const WORD = 32;

/**
 * Bytes one after another. Graph-ts has `concat` for that, which the AssemblyScript compiler that comes with it refuses; so it
 * does the operators of `BigInt`, in whose place the host's functions (`bigInt`) are called here.
 */
export function join(parts: ByteArray[]): Bytes {
  let length = 0;
  for (let i = 0; i < parts.length; i++) length += parts[i].length;
  let joined = new Bytes(length);
  let at = 0;
  for (let i = 0; i < parts.length; i++) {
    joined.set(parts[i], at);
    at += parts[i].length;
  }
  return joined;
}

/** A number as 32 bytes, as it stands in a topic. */
export function bytes32Of(number: BigInt): Bytes {
  let word = new Bytes(WORD);
  // Little-endian, of any length; a sign byte above the 32nd is zero.
  for (let i = 0; i < WORD; i++) word[WORD - 1 - i] = i < number.length ? number[i] : 0;
  return word;
}

export function slice(bytes: Bytes, from: i32, length: i32): Bytes {
  let part = new Bytes(length);
  for (let i = 0; i < length; i++) part[i] = bytes[from + i];
  return part;
}

export function reversed(bytes: ByteArray): Bytes {
  let turned = new Bytes(bytes.length);
  for (let i = 0; i < bytes.length; i++) turned[i] = bytes[bytes.length - 1 - i];
  return turned;
}

/** A word as a small number; -1 when there is none, or it is none. */
export function numberAt(bytes: Bytes, at: i32): i32 {
  if (at < 0 || at > bytes.length - WORD) return -1;
  for (let i = 0; i < WORD - 4; i++) if (bytes[at + i] != 0) return -1;
  if (bytes[at + WORD - 4] > 0x7f) return -1;
  let value = 0;
  for (let i = WORD - 4; i < WORD; i++) value = (value << 8) | bytes[at + i];
  return value;
}
