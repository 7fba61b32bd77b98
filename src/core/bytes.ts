import { bytesToHex } from "@noble/hashes/utils.js";
import { InputError } from "./errors.ts";

// What is here is called a hundred times for each event that enters the log: plain loops, which engines run fastest.

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
  const bytes = new Uint8Array((text.length - 2) / 2);
  for (let i = 0, at = 2; i < bytes.length; i += 1, at += 2) bytes[i] = hexByteAt(text, at);
  return bytes;
}

/** The byte that two lower-case hex digits stand for; the caller has seen that they are such. */
export function hexByteAt(text: string, at: number): number {
  return (digitOf(text.charCodeAt(at)) << 4) | digitOf(text.charCodeAt(at + 1));
}

/** "0" is 48, "a" is 97. */
function digitOf(code: number): number {
  return code < 58 ? code - 48 : code - 87;
}

/** One byte string of several. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** What `isHex` accepts, for error texts. */
export function hexForm(length?: number): string {
  return length === undefined ? "0x and lower-case hex digits" : `0x and ${2 * length} lower-case hex digits`;
}

/** Whether two byte strings are equal. Not constant time: for public values only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
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
  if (text.length <= SHORT) {
    const bytes = new Uint8Array(text.length);
    if (asciiInto(text, bytes, 0)) return bytes;
  }
  return encoder.encode(text);
}

const encoder = new TextEncoder();
/** Beyond this an encoder is faster than a loop. */
const SHORT = 64;

/** Writes an ASCII text at a place that has room for it. @returns false for any other text, of which less is written. */
export function asciiInto(text: string, target: Uint8Array, at: number): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return false;
    target[at + i] = code;
  }
  return true;
}

/** A big-endian unsigned integer of `width` bytes (1, 4 or 8 here; at most 32). */
export function uint(what: string, value: bigint | number, width: number): Uint8Array {
  requireUint(what, value, width);
  const bytes = new Uint8Array(width);
  if (width === 4) writeUint32(bytes, 0, Number(value));
  else if (width === 8) writeUint64(bytes, 0, value);
  else
    for (let i = width - 1, rest = BigInt(value); rest > 0n; i -= 1, rest >>= 8n)
      bytes[i] = Number(rest & 0xffn);
  return bytes;
}

/** @throws InputError unless `value` is an integer that `width` bytes hold. */
export function requireUint(what: string, value: bigint | number, width: number): void {
  const fits = typeof value === "bigint" || Number.isSafeInteger(value);
  if (fits && value >= 0 && value < 2 ** (8 * width)) return;
  throw InputError.expected(what, `an integer from 0 to 2^${8 * width} - 1`, value);
}

/** Writes a number below 2^32 at a place of four bytes, the highest first. */
export function writeUint32(target: Uint8Array, at: number, value: number): void {
  target[at] = value >>> 24;
  target[at + 1] = value >>> 16;
  target[at + 2] = value >>> 8;
  target[at + 3] = value;
}

/** Writes an integer below 2^64 at a place of eight bytes, the highest first. */
export function writeUint64(target: Uint8Array, at: number, value: bigint | number): void {
  // Where a number is exact it is much quicker than a bigint.
  const exact = value <= Number.MAX_SAFE_INTEGER;
  writeUint32(target, at, exact ? Math.floor(Number(value) / 2 ** 32) : Number(BigInt(value) >> 32n));
  writeUint32(target, at + 4, exact ? Number(value) % 2 ** 32 : Number(BigInt(value) & 0xffff_ffffn));
}

/** A big-endian unsigned integer of any length. */
export function uintFromBytes(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(toHex(bytes));
}
