import { SCALAR_ORDER } from "../bn254.ts";
import { uintFromBytes } from "../bytes.ts";
import { InputError } from "../errors.ts";

/** Whether a value is a field element: an integer in 0 .. p - 1. */
export function isFieldElement(value: bigint): boolean {
  return value >= 0n && value < SCALAR_ORDER;
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
  const rest = value % SCALAR_ORDER;
  return rest < 0n ? rest + SCALAR_ORDER : rest;
}

/** A uniform field element from the platform's secure random source, by rejection: a remainder would be biased. */
export function randomFieldElement(): bigint {
  const bytes = new Uint8Array(32);
  for (;;) {
    globalThis.crypto.getRandomValues(bytes);
    // p has 254 bits: clearing the top two leaves about three in four draws below it.
    bytes[0] = (bytes[0] ?? 0) & 0x3f;
    const value = uintFromBytes(bytes);
    if (value < SCALAR_ORDER) return value;
  }
}
