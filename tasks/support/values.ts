import { readFileSync } from "node:fs";
import { getAddress, isAddress } from "ethers";
import { InputError, UnavailableError } from "../../src/core/errors.ts";

/** A field element as 32 bytes of 0x hex. */
export const fieldHex = (element: bigint): string => `0x${element.toString(16).padStart(64, "0")}`;

/** An integer written in decimal that fits `bits` bits. */
export function parseUnsigned(name: string, text: string, bits: number): bigint {
  if (!/^\d{1,78}$/.test(text) || BigInt(text) >> BigInt(bits) !== 0n) {
    throw InputError.expected(name, `a decimal integer below 2^${bits}`, text);
  }
  return BigInt(text);
}

/** `"0,3-7"` as a 64-bit mask. */
export function parseCategories(text: string): bigint {
  let mask = 0n;
  for (const part of text.split(",")) {
    const [first, last] = part.trim().split("-").map(Number);
    const end = last ?? first;
    if (first === undefined || end === undefined || !(first >= 0 && end <= 63 && first <= end)) {
      throw InputError.expected("categories", 'numbers or ranges from 0 to 63, e.g. "0,3-7"', part);
    }
    for (let category = first; category <= end; category++) mask |= 1n << BigInt(category);
  }
  return mask;
}

/** The categories of a mask, written as ranges: the inverse of {@link parseCategories}. */
export function formatCategories(mask: bigint): string {
  const ranges: string[] = [];
  for (let bit = 0; bit < 64; bit++) {
    if (((mask >> BigInt(bit)) & 1n) === 0n) continue;
    const first = bit;
    while (bit < 63 && ((mask >> BigInt(bit + 1)) & 1n) === 1n) bit++;
    ranges.push(first === bit ? `${first}` : `${first}-${bit}`);
  }
  return ranges.length > 0 ? ranges.join(",") : "none";
}

/** Reads a file a person named; `-` is standard input. */
export function readInput(name: string, path: string): string {
  try {
    return readFileSync(path === "-" ? 0 : path, "utf8");
  } catch (cause) {
    throw new UnavailableError(`${name}: ${path} cannot be read`, { cause });
  }
}

/** Reads a JSON file a person named. */
export function readJsonInput(name: string, path: string): unknown {
  const text = readInput(name, path);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InputError(`${name}: expected JSON in ${path}, got something else`, { cause });
  }
}

/** An address, checksummed. */
export function parseAddress(name: string, text: string): string {
  if (!isAddress(text)) throw InputError.expected(name, "an address", text);
  return getAddress(text);
}
