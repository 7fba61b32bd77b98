import { InputError } from "../errors.ts";
import { FIELD_ORDER } from "./constants.ts";

/** Whether a value is a field element: an integer in 0 .. p - 1. */
export function isFieldElement(value: bigint): boolean {
  return value >= 0n && value < FIELD_ORDER;
}

/**
 * Hands a field element on.
 *
 * @throws InputError that names the value's place but never the value, as it may be a salt.
 */
export function requireFieldElement(what: string, value: bigint): bigint {
  if (!isFieldElement(value)) {
    throw InputError.expected(
      what,
      "an integer from 0 to p - 1",
      value < 0n ? "a negative one" : "one above",
    );
  }
  return value;
}

/** A signed integer as a field element: -1 is p - 1. */
export function toField(value: bigint): bigint {
  const rest = value % FIELD_ORDER;
  return rest < 0n ? rest + FIELD_ORDER : rest;
}

/** A uniform field element from the platform's secure random source, by rejection: a remainder would be biased. */
export function randomFieldElement(): bigint {
  const bytes = new Uint8Array(32);
  for (;;) {
    globalThis.crypto.getRandomValues(bytes);
    // p has 254 bits: clearing the top two leaves about three in four draws below it.
    bytes[0] = (bytes[0] ?? 0) & 0x3f;
    let value = 0n;
    for (const byte of bytes) value = (value << 8n) | BigInt(byte);
    if (value < FIELD_ORDER) return value;
  }
}
