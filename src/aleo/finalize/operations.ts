import type { LeoNode } from "../values.ts";

/** Something this reading of Aleo instructions does not know; no reason can be given then. */
export class Unknown extends Error {}

/** A step that cannot go on: what the ledger rejected for. */
export class Halted extends Error {}

/** A value with how it came about, for people. */
export interface Shown {
  readonly node: LeoNode;
  readonly text: string;
}

const SIGNS: Readonly<Record<string, string>> = {
  add: "+",
  sub: "-",
  mul: "*",
  div: "/",
  rem: "%",
  lt: "<",
  lte: "<=",
  gt: ">",
  gte: ">=",
  "is.eq": "=",
  "is.neq": "≠",
  and: "and",
  or: "or",
};

/** Leo text of a value; equal values have the same. */
export function textOf(node: LeoNode): string {
  if (typeof node === "string") return node;
  if (Array.isArray(node)) return `[${node.map((each: LeoNode) => textOf(each)).join(", ")}]`;
  return `{ ${Object.entries(node)
    .map(([name, member]) => `${name}: ${textOf(member)}`)
    .join(", ")} }`;
}

/** Computes an instruction with one to three operands. @throws Halted when it overflows; Unknown for another instruction. */
export function compute(name: string, operands: readonly Shown[]): Shown {
  const [a, b, c] = operands;
  if (a === undefined) throw new Unknown(name);
  if (name === "not") return { node: String(!truth(a)), text: `not (${a.text})` };
  if (b === undefined) throw new Unknown(name);
  if (name === "ternary" && c !== undefined) {
    const chosen = truth(a) ? b : c;
    // A bare true or false says less than what it was chosen by.
    const bare = b.text === "true" && c.text === "false";
    return bare ? { node: chosen.node, text: a.text } : chosen;
  }
  const sign = SIGNS[name];
  if (sign === undefined) throw new Unknown(name);
  const text = `${a.text} ${sign} ${b.text}`;
  return { node: binary(name, a, b, text), text };
}

/** Whether a value fits an integer type; with `as` in another type. @throws Halted when it does not. */
export function castTo(type: string, { node, text }: Shown): Shown {
  const { value } = number(node);
  return { node: requireFitting(type, value, `${text} as ${type}`), text };
}

function binary(name: string, a: Shown, b: Shown, text: string): string {
  if (name === "is.eq") return String(textOf(a.node) === textOf(b.node));
  if (name === "is.neq") return String(textOf(a.node) !== textOf(b.node));
  if (name === "and") return String(truth(a) && truth(b));
  if (name === "or") return String(truth(a) || truth(b));
  const { value: x, type } = number(a.node);
  const { value: y } = number(b.node);
  if (name === "lt") return String(x < y);
  if (name === "lte") return String(x <= y);
  if (name === "gt") return String(x > y);
  if (name === "gte") return String(x >= y);
  if ((name === "div" || name === "rem") && y === 0n) throw new Halted(`${text} divides by zero`);
  const results: Readonly<Record<string, () => bigint>> = {
    add: () => x + y,
    sub: () => x - y,
    mul: () => x * y,
    div: () => x / y,
    rem: () => x % y,
  };
  const result = results[name]?.();
  if (result === undefined) throw new Unknown(name);
  return requireFitting(type, result, `${text} (${textOf(a.node)} and ${textOf(b.node)})`);
}

function requireFitting(type: string, value: bigint, text: string): string {
  const [, kind, size] = /^([ui])(\d+)$/.exec(type) ?? [];
  if (kind === undefined) throw new Unknown(type);
  const bits = BigInt(size ?? 0);
  const least = kind === "u" ? 0n : -(1n << (bits - 1n));
  const most = kind === "u" ? (1n << bits) - 1n : (1n << (bits - 1n)) - 1n;
  if (value >= least && value <= most) return `${value}${type}`;
  throw new Halted(`${text} does not fit ${type}`);
}

function truth({ node, text }: Shown): boolean {
  if (node === "true" || node === "false") return node === "true";
  throw new Unknown(text);
}

function number(node: LeoNode): { value: bigint; type: string } {
  const [, digits, type] = (typeof node === "string" && /^(-?\d+)([ui]\d+)$/.exec(node)) || [];
  if (digits === undefined || type === undefined) throw new Unknown(textOf(node));
  return { value: BigInt(digits), type };
}
