import { fromHex, isHex } from "../core/bytes.ts";
import { InputError } from "../core/errors.ts";
import { isUuid } from "../core/uuid.ts";
import { isList, type Plaintext, parsePlaintext } from "./replay/plaintext.ts";
import { type AleoType, type FunctionSignature, typeText } from "./signature.ts";

/** Order of the base field of Aleo's curve, and of its scalars. */
const FIELD_ORDER = 8444461749428370424248824938781546531375899335154063827935233455917409239041n;
const SCALAR_ORDER = 2111115437357092606062206234695386632838870926408408195193685246394721360383n;
const ADDRESS = /^aleo1[02-9ac-hj-np-z]{58}$/;

/** Inputs by name, as JSON has them: text, numbers, lists, objects. */
export type NamedInputs = Readonly<Record<string, unknown>>;

/**
 * Leo texts of a function's inputs, in its order. Numbers may do without their type (`1000` for a u64), a field may be
 * written in hex or as a UUID, which is an agent's id, and 32 bytes in hex are a list of `u8`.
 *
 * @throws InputError `NAME: expected TYPE, got …` for the first that does not fit, is missing or belongs to no input; the
 *   value of a private input is never repeated.
 */
export function encodeInputs({ program, name, inputs }: FunctionSignature, given: NamedInputs): string[] {
  const names = inputs.map((input) => input.name);
  const stranger = Object.keys(given).find((each) => !names.includes(each));
  if (stranger !== undefined) {
    throw InputError.expected(`input of ${program}/${name}`, names.join(", ") || "none", stranger);
  }
  return inputs.map(({ name: input, type, mode }) => encode(input, type, given[input], mode === "private"));
}

/** The Leo text of one value. @param secret Its text must stay out of messages. @throws InputError when it is none of the type. */
export function encode(what: string, type: AleoType, value: unknown, secret = false): string {
  if (type.kind === "literal") {
    const text = literal(type.name, value);
    if (text !== undefined) return text;
  } else if (type.kind === "array") {
    const values = listOf(type, value);
    if (values?.length === type.length) {
      return `[${values.map((each, index) => encode(`${what}[${index}]`, type.element, each, secret)).join(", ")}]`;
    }
  } else {
    const given = membersOf(value);
    const known = type.members.map(({ name }) => name);
    if (given !== undefined && Object.keys(given).every((name) => known.includes(name))) {
      const members = type.members.map(
        (member) =>
          `${member.name}: ${encode(`${what}.${member.name}`, member.type, given[member.name], secret)}`,
      );
      return `{ ${members.join(", ")} }`;
    }
  }
  throw InputError.expected(what, typeText(type), secret && value !== undefined ? SECRET : value);
}

const SECRET: object = {};

function literal(type: string, value: unknown): string | undefined {
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return undefined;
  const text = String(value).trim();
  if (type === "boolean") return text === "true" || text === "false" ? text : undefined;
  if (type === "address") return ADDRESS.test(text) ? text : undefined;
  if (type === "group" || type === "signature") return /^[\w]+$/.test(text) ? text : undefined;
  const number = integer(type, text);
  return number === undefined || !isInRange(type, number) ? undefined : `${number}${type}`;
}

/** `1000`, `1_000u64`; for a field also `0x…` and a UUID. */
function integer(type: string, text: string): bigint | undefined {
  if (type === "field" && isUuid(text)) return BigInt(`0x${text.replaceAll("-", "")}`);
  if (type === "field" && /^0x[0-9a-f]{1,64}$/.test(text)) return BigInt(text);
  const bare = text.endsWith(type) ? text.slice(0, -type.length) : text;
  return /^-?\d[\d_]{0,99}$/.test(bare) ? BigInt(bare.replaceAll("_", "")) : undefined;
}

function isInRange(type: string, value: bigint): boolean {
  if (type === "field") return value >= 0n && value < FIELD_ORDER;
  if (type === "scalar") return value >= 0n && value < SCALAR_ORDER;
  const bits = BigInt(type.slice(1));
  return type.startsWith("u")
    ? value >= 0n && value < 1n << bits
    : value >= -(1n << (bits - 1n)) && value < 1n << (bits - 1n);
}

function listOf(type: AleoType & { readonly kind: "array" }, value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (typeof value !== "string") return undefined;
  const bytes = type.element.kind === "literal" && type.element.name === "u8";
  if (bytes && isHex(value)) return [...fromHex("bytes", value)];
  const read = leoText(value);
  return read !== undefined && typeof read !== "string" && isList(read) ? read : undefined;
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const read = typeof value === "string" ? leoText(value) : value;
  if (typeof read !== "object" || read === null || Array.isArray(read)) return undefined;
  return read as Readonly<Record<string, unknown>>;
}

function leoText(text: string): Plaintext | undefined {
  try {
    return parsePlaintext(text);
  } catch {
    return undefined;
  }
}
