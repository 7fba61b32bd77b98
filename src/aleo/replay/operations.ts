import { CheckError, UnavailableError } from "../../core/errors.ts";
import { canonicalPlaintext, type Plaintext } from "./plaintext.ts";

/** Order of the base field of the curve BLS12-377's scalars: what a `field` is counted modulo. */
const FIELD = 8444461749428370424248824938781546531375899335154063827935233455917409239041n;

const TRUE = "true";
const FALSE = "false";

type Binary = (left: Numeric, right: Numeric) => bigint | boolean;

interface Numeric {
  readonly value: bigint;
  readonly type: string;
}

const ARITHMETIC: Readonly<Record<string, Binary>> = {
  add: (a, b) => a.value + b.value,
  sub: (a, b) => a.value - b.value,
  mul: (a, b) => a.value * b.value,
  div: (a, b) => (a.type === "field" ? a.value * inverse(b.value) : quotient(a, b)),
  rem: (a, b) => a.value % nonZero(b),
  mod: (a, b) => a.value % nonZero(b),
  pow: (a, b) => a.value ** b.value,
  shl: (a, b) => a.value << shift(a, b),
  shr: (a, b) => a.value >> shift(a, b),
  gt: (a, b) => a.value > b.value,
  gte: (a, b) => a.value >= b.value,
  lt: (a, b) => a.value < b.value,
  lte: (a, b) => a.value <= b.value,
};

const BOOLEAN: Readonly<Record<string, (a: boolean, b: boolean) => boolean>> = {
  and: (a, b) => a && b,
  or: (a, b) => a || b,
  xor: (a, b) => a !== b,
  nand: (a, b) => !(a && b),
  nor: (a, b) => !(a || b),
};

const BITWISE: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
};

/**
 * What an instruction makes of its operands, as the ledger computes it.
 *
 * @throws CheckError where the ledger would have stopped (overflow, division by zero): an accepted transaction has none.
 * @throws UnavailableError for an instruction that is not known here, by name.
 */
export function operate(opcode: string, operands: readonly Plaintext[]): Plaintext {
  const [first = "", second = "", third = ""] = operands;
  if (opcode === "is.eq") return truth(sameValue(first, second));
  if (opcode === "is.neq") return truth(!sameValue(first, second));
  if (opcode === "ternary") return first === TRUE ? second : third;
  if (opcode === "not") return negate(first);
  if (opcode === "neg") return fitted(opcode, -numeric(first).value, numeric(first).type, false);
  if (opcode === "abs") return fitted(opcode, absolute(numeric(first).value), numeric(first).type, false);
  if (opcode in BOOLEAN && isTruth(first)) return truth(both(opcode, first, second));
  const wrapped = opcode.endsWith(".w");
  const name = wrapped ? opcode.slice(0, -2) : opcode;
  const left = numericOrNone(first);
  const right = numericOrNone(second);
  if (left === undefined || right === undefined) throw unknown(opcode);
  const bits = BITWISE[name];
  if (bits !== undefined) return fitted(opcode, bits(left.value, right.value), left.type, true);
  const operation = ARITHMETIC[name];
  if (operation === undefined) throw unknown(opcode);
  const result = operation(left, right);
  return typeof result === "boolean" ? truth(result) : fitted(opcode, result, left.type, wrapped);
}

/** A literal as another type. @throws CheckError when it does not fit and `lossy` is not asked for. */
export function castLiteral(value: Plaintext, type: string, lossy: boolean): Plaintext {
  if (typeof value !== "string") throw unknown(`cast into ${type}`);
  if (isTruth(value)) {
    if (type === "boolean") return value;
    return fitted("cast", value === TRUE ? 1n : 0n, type, false);
  }
  const number = numericOrNone(value);
  if (number === undefined) {
    if (type === "address" && value.startsWith("aleo1")) return value;
    throw unknown(`cast of ${value.slice(0, 20)} into ${type}`);
  }
  if (type === "boolean" && (number.value === 0n || number.value === 1n)) return truth(number.value === 1n);
  if (type !== "field" && !/^[iu]\d+$/.test(type) && type !== number.type)
    throw unknown(`cast of ${number.type} into ${type}`);
  return fitted("cast", number.value, type, lossy);
}

/** Whether two values are the same. */
export const sameValue = (a: Plaintext, b: Plaintext): boolean =>
  canonicalPlaintext(a) === canonicalPlaintext(b);

/** A boolean literal. */
export const truth = (value: boolean): string => (value ? TRUE : FALSE);

/** The number in an integer or field literal. @throws UnavailableError for any other. */
export function numeric(value: Plaintext): Numeric {
  const number = numericOrNone(value);
  if (number === undefined) throw unknown(`arithmetic on ${canonicalPlaintext(value).slice(0, 20)}`);
  return number;
}

/** An instruction that this replay does not know: nothing is guessed. */
export function unknown(what: string): UnavailableError {
  return new UnavailableError(`the replay does not know what the ledger does for "${what}"`, {
    next: "Add it to src/aleo/replay/operations.ts; nothing was written",
  });
}

function numericOrNone(value: Plaintext): Numeric | undefined {
  const match = typeof value === "string" ? /^(-?\d+)(field|scalar|[iu]\d+)$/.exec(value) : null;
  if (match === null) return undefined;
  return { value: BigInt(match[1] ?? "0"), type: match[2] ?? "" };
}

function fitted(opcode: string, value: bigint, type: string, wrap: boolean): string {
  if (type === "field") return `${((value % FIELD) + FIELD) % FIELD}field`;
  const match = /^([iu])(\d+)$/.exec(type);
  if (match === null) throw unknown(`${opcode} on ${type}`);
  const bits = Number(match[2]);
  const inside = match[1] === "u" ? BigInt.asUintN(bits, value) : BigInt.asIntN(bits, value);
  if (inside !== value && !wrap) {
    throw new CheckError(`${opcode}: ${value} does not fit ${type}`);
  }
  return `${inside}${type}`;
}

function negate(value: Plaintext): string {
  if (isTruth(value)) return truth(value !== TRUE);
  const number = numeric(value);
  return fitted("not", ~number.value, number.type, true);
}

const isTruth = (value: Plaintext): boolean => value === TRUE || value === FALSE;
const both = (opcode: string, a: Plaintext, b: Plaintext): boolean =>
  BOOLEAN[opcode]?.(a === TRUE, b === TRUE) ?? false;
const absolute = (value: bigint): bigint => (value < 0n ? -value : value);

function shift(a: Numeric, b: Numeric): bigint {
  const bits = BigInt(a.type.slice(1));
  if (b.value >= bits) throw unknown(`a shift by ${b.value} of ${a.type}`);
  return b.value;
}

function quotient(a: Numeric, b: Numeric): bigint {
  return a.value / nonZero(b);
}

function nonZero({ value }: Numeric): bigint {
  if (value === 0n) throw new CheckError("a division by zero");
  return value;
}

/** By Fermat: value^(p-2). */
function inverse(value: bigint): bigint {
  let result = 1n;
  let power = value % FIELD;
  for (let exponent = FIELD - 2n; exponent > 0n; exponent >>= 1n) {
    if ((exponent & 1n) === 1n) result = (result * power) % FIELD;
    power = (power * power) % FIELD;
  }
  return result;
}
