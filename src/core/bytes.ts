import { bytesToHex, concatBytes as concat, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { InputError } from "./errors.ts";

/** One byte string of several. */
export const concatBytes: (...parts: Uint8Array[]) => Uint8Array = concat;

/** `0x` and lower-case hex digits, two a byte. */
export type Hex = `0x${string}`;

/** Lower-case hex with `0x`, the only form of bytes in our JSON. */
export function toHex(bytes: Uint8Array): Hex {
  return `0x${bytesToHex(bytes)}`;
}

/** Whether `text` is `0x` and lower-case hex digits of exactly `length` bytes (any whole number of bytes without it). */
export function isHex(text: string, length?: number): text is Hex {
  if (!/^0x(?:[0-9a-f]{2})*$/.test(text)) return false;
  return length === undefined || text.length === 2 + 2 * length;
}

/**
 * Bytes of lower-case `0x` hex.
 *
 * @throws InputError naming `what` when `text` is anything else, or not `length` bytes.
 */
export function fromHex(what: string, text: string, length?: number): Uint8Array {
  if (!isHex(text, length)) throw InputError.expected(what, hexForm(length), text);
  return hexToBytes(text.slice(2));
}

/** What `isHex` accepts, for error texts. */
export function hexForm(length?: number): string {
  return length === undefined ? "0x and lower-case hex digits" : `0x and ${2 * length} lower-case hex digits`;
}

/** Whether two byte strings are equal. Not constant time: for public values only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** @throws InputError when `bytes` is not exactly `length` bytes. */
export function requireLength(what: string, bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length !== length) throw InputError.expected(what, `${length} bytes`, bytes);
  return bytes;
}

/**
 * UTF-8 of a text.
 *
 * @throws InputError for a lone surrogate, which has no UTF-8: encoders would replace it, so two texts would give the
 * same bytes.
 */
export function utf8(what: string, text: string): Uint8Array {
  if (!text.isWellFormed()) throw new InputError(`${what}: expected Unicode text, got a lone surrogate`);
  return utf8ToBytes(text);
}

/** A big-endian unsigned integer of `width` bytes (1, 4 or 8 here; at most 32). */
export function uint(what: string, value: bigint | number, width: number): Uint8Array {
  const fits = typeof value === "bigint" || Number.isSafeInteger(value);
  const n = fits ? BigInt(value) : -1n;
  if (n < 0n || n >= 1n << BigInt(8 * width)) {
    throw InputError.expected(what, `an integer from 0 to 2^${8 * width} - 1`, value);
  }
  return hexToBytes(n.toString(16).padStart(2 * width, "0"));
}

/** A big-endian unsigned integer of any length. */
export function uintFromBytes(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(toHex(bytes));
}
