import { CheckError, InputError } from "../core/errors.ts";

/** Order of the field of Aleo's circuits (the scalar field of BLS12-377). */
export const FIELD_ORDER = 8444461749428370424248824938781546531375899335154063827935233455917409239041n;
/** Order of the group's scalars (Edwards BLS12-377). */
export const SCALAR_ORDER = 2111115437357092606062206234695386632838870926408408195193685246394721360383n;

/** Integers that a JavaScript number holds. */
export type SmallInteger = "u8" | "u16" | "u32" | "i8" | "i16" | "i32";
export type LargeInteger = "u64" | "u128" | "i64" | "i128";
/** A type whose values are one literal. */
export type LiteralType =
  | SmallInteger
  | LargeInteger
  | "address"
  | "bool"
  | "field"
  | "group"
  | "scalar"
  | "signature";

/** Values of a literal type in TypeScript. A group element is its x-coordinate. */
export type LiteralOf<T extends LiteralType> = T extends SmallInteger
  ? number
  : T extends LargeInteger | "field" | "group" | "scalar"
    ? bigint
    : T extends "bool"
      ? boolean
      : string;

const ADDRESS = /^aleo1[02-9ac-hj-np-z]{58}$/;
const SIGNATURE = /^sign1[02-9ac-hj-np-z]+$/;

/** Writes a value as a Leo literal, e.g. `7u64`. @throws InputError naming `what` when it is none of the type. */
export function encodeLiteral(what: string, type: LiteralType, value: unknown): string {
  switch (type) {
    case "address":
      if (typeof value === "string" && ADDRESS.test(value)) return value;
      throw InputError.expected(what, "an Aleo address, aleo1 and 58 more characters", value);
    case "signature":
      if (typeof value === "string" && SIGNATURE.test(value)) return value;
      throw InputError.expected(what, "an Aleo signature, sign1…", value);
    case "bool":
      if (typeof value === "boolean") return String(value);
      throw InputError.expected(what, "true or false", value);
    default:
      return `${requireInRange(what, type, value)}${type}`;
  }
}

/** Reads a Leo literal. @throws CheckError naming `what` when the text is none of the type. */
export function decodeLiteral(
  what: string,
  type: LiteralType,
  text: string,
): string | boolean | number | bigint {
  const wrong = () => new CheckError(`${what}: expected a Leo literal of type ${type}, got another text`);
  if (type === "address" || type === "signature") {
    if ((type === "address" ? ADDRESS : SIGNATURE).test(text)) return text;
    throw wrong();
  }
  if (type === "bool") {
    if (text === "true" || text === "false") return text === "true";
    throw wrong();
  }
  const [, digits] = new RegExp(`^(-?\\d{1,80})${type}$`).exec(text) ?? [];
  if (digits === undefined || !isInRange(type, BigInt(digits))) throw wrong();
  return isSmall(type) ? Number(digits) : BigInt(digits);
}

export function isLiteralType(type: string): type is LiteralType {
  return type in LITERALS;
}

const LITERALS: Readonly<Record<LiteralType, true>> = {
  u8: true,
  u16: true,
  u32: true,
  u64: true,
  u128: true,
  i8: true,
  i16: true,
  i32: true,
  i64: true,
  i128: true,
  address: true,
  bool: true,
  field: true,
  group: true,
  scalar: true,
  signature: true,
};

function requireInRange(what: string, type: LiteralType, value: unknown): bigint {
  const whole = typeof value === "bigint" || (isSmall(type) && Number.isInteger(value));
  const number = whole ? BigInt(value as bigint | number) : undefined;
  if (number !== undefined && isInRange(type, number)) return number;
  const form = isSmall(type) ? "a whole number" : "a bigint";
  throw InputError.expected(what, `${form} within ${type}`, value);
}

function isSmall(type: LiteralType): type is SmallInteger {
  return /^[ui](8|16|32)$/.test(type);
}

function isInRange(type: LiteralType, value: bigint): boolean {
  if (type === "field" || type === "group") return value >= 0n && value < FIELD_ORDER;
  if (type === "scalar") return value >= 0n && value < SCALAR_ORDER;
  const bits = BigInt(type.slice(1));
  const [least, most] = type.startsWith("u")
    ? [0n, (1n << bits) - 1n]
    : [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n];
  return value >= least && value <= most;
}
