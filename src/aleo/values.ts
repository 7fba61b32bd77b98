import { CheckError, InputError } from "../core/errors.ts";
import { decodeLiteral, encodeLiteral, type LiteralOf, type LiteralType } from "./literals.ts";

/** A type of Leo's: a literal's name, an array, or a struct with its members in their order. */
export type LeoType = LiteralType | LeoArray | LeoStruct;

export interface LeoArray {
  readonly array: LeoType;
  readonly length: number;
}

export interface LeoStruct {
  readonly struct: string;
  readonly fields: { readonly [name: string]: LeoType };
}

/** Values of a Leo type in TypeScript: u64 and above, field, group and scalar are bigint, smaller integers number. */
export type ValueOf<T extends LeoType> = T extends LiteralType
  ? LiteralOf<T>
  : T extends { readonly array: infer E extends LeoType }
    ? readonly ValueOf<E>[]
    : T extends { readonly fields: infer F extends { readonly [name: string]: LeoType } }
      ? { readonly [N in keyof F]: ValueOf<F[N]> }
      : never;

/** Leo text taken apart: a literal's text, an array's elements, or members by name. */
export type LeoNode = string | readonly LeoNode[] | LeoMembers;
export interface LeoMembers {
  readonly [name: string]: LeoNode;
}

/** Deeper than anything Leo compiles; a text from elsewhere cannot exhaust the stack. */
const DEEPEST = 64;
/** The end of a literal. A record's have the member's visibility on them. */
const VISIBILITY = /\.(public|private|constant)$/;

/** Writes a value as Leo text. @throws InputError naming the part that does not fit. */
export function encodeLeo<T extends LeoType>(what: string, type: T, value: ValueOf<T>): string {
  return encode(what, type, value);
}

/** Reads Leo text. @throws CheckError naming the part that does not fit. */
export function decodeLeo<T extends LeoType>(what: string, type: T, text: string): ValueOf<T> {
  return decode(what, type, parseLeo(text)) as ValueOf<T>;
}

/** As {@link decodeLeo}, for a part of a text that was taken apart. */
export function decodeNode<T extends LeoType>(what: string, type: T, node: LeoNode): ValueOf<T> {
  return decode(what, type, node) as ValueOf<T>;
}

/** Takes Leo text apart: a literal, `[…]`, `{…}`, a record or a future. @throws CheckError when it is none. */
export function parseLeo(text: string): LeoNode {
  const tokens = text.match(/[{}[\],:]|[^\s{}[\],:]+/g) ?? [];
  let at = 0;
  const fail = (): never => {
    throw new CheckError(
      `expected a Leo value, got a text that is none (at word ${at + 1} of ${tokens.length})`,
    );
  };
  const take = (expected?: string): string => {
    const token = tokens[at];
    if (token === undefined || (expected !== undefined && token !== expected)) return fail();
    at += 1;
    return token;
  };
  const list = (close: string, depth: number, element: () => void): void => {
    if (depth > DEEPEST) fail();
    while (tokens[at] !== close) {
      element();
      if (tokens[at] !== close) take(",");
    }
    take(close);
  };
  const value = (depth: number): LeoNode => {
    const token = take();
    if (token === "[") {
      const elements: LeoNode[] = [];
      list("]", depth, () => elements.push(value(depth + 1)));
      return elements;
    }
    if (token === "{") {
      const members: Record<string, LeoNode> = Object.create(null);
      list("}", depth, () => {
        const name = take();
        if (!/^\w+$/.test(name) || name in members) fail();
        take(":");
        members[name] = value(depth + 1);
      });
      return members;
    }
    return /^[\],:}]$/.test(token) ? fail() : token.replace(VISIBILITY, "");
  };
  const node = value(0);
  return at === tokens.length ? node : fail();
}

/** Whether a part of a text has members. */
export function isMembers(node: LeoNode | undefined): node is LeoMembers {
  return typeof node === "object" && !Array.isArray(node);
}

function encode(what: string, type: LeoType, value: unknown): string {
  if (typeof type === "string") return encodeLiteral(what, type, value);
  if ("array" in type) {
    if (!Array.isArray(value) || value.length !== type.length) {
      throw InputError.expected(what, `a list of ${type.length}`, value);
    }
    return `[${value.map((element, i) => encode(`${what}[${i}]`, type.array, element)).join(", ")}]`;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw InputError.expected(what, `a ${type.struct}`, value);
  }
  const members = value as Readonly<Record<string, unknown>>;
  const extra = Object.keys(members).find((name) => !Object.hasOwn(type.fields, name));
  if (extra !== undefined) throw InputError.expected(what, `a ${type.struct}`, `one with ${extra}`);
  const texts = Object.entries(type.fields).map(
    ([name, member]) => `${name}: ${encode(`${what}.${name}`, member, members[name])}`,
  );
  return `{ ${texts.join(", ")} }`;
}

function decode(what: string, type: LeoType, node: LeoNode): unknown {
  if (typeof type === "string") {
    if (typeof node === "string") return decodeLiteral(what, type, node);
    throw new CheckError(`${what}: expected a ${type}, got a struct or an array`);
  }
  if ("array" in type) {
    if (Array.isArray(node) && node.length === type.length) {
      return node.map((element: LeoNode, i) => decode(`${what}[${i}]`, type.array, element));
    }
    throw new CheckError(`${what}: expected a list of ${type.length}, got something else`);
  }
  const names = Object.keys(type.fields);
  if (!isMembers(node) || Object.keys(node).length !== names.length) {
    throw new CheckError(`${what}: expected a ${type.struct}, got something else`);
  }
  const members = Object.entries(type.fields).map(([name, member]) => {
    const part = node[name];
    if (part === undefined)
      throw new CheckError(`${what}: expected a ${type.struct} with ${name}, got one without`);
    return [name, decode(`${what}.${name}`, member, part)];
  });
  return Object.fromEntries(members);
}
