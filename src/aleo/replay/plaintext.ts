import { InputError } from "../../core/errors.ts";

/**
 * A value of the ledger: a literal as it is written there (`1000u64`, `true`, `aleo1…`), a struct by its members, an
 * array. JSON holds it as it is.
 */
export type Plaintext = string | readonly Plaintext[] | { readonly [member: string]: Plaintext };

/** A call that a proof leaves for the block's end: what `finalize` of that function is run with. */
export interface Future {
  readonly program: string;
  readonly function: string;
  readonly arguments: readonly FinalizeValue[];
}

/** What a finalize register can hold. */
export type FinalizeValue = Plaintext | Hold;

/** A future in a register. A class, so that no struct can be taken for one. */
export class Hold {
  readonly future: Future;

  constructor(future: Future) {
    this.future = future;
  }
}

/** Deeper than anything Leo compiles; a text from elsewhere cannot exhaust the stack. */
const DEEPEST = 64;
const TOKEN = /\s*([{}[\],:]|[^\s{}[\],:]+)/y;

/**
 * Reads a value as the ledger prints it; visibility suffixes (`.public`) are dropped.
 *
 * @throws InputError naming what was expected at the first fault.
 */
export function parsePlaintext(text: string): Plaintext {
  const value = new Reader(text).whole();
  if (value instanceof Hold) throw InputError.expected("value", "a plaintext", "a future");
  return value;
}

/** Reads the future that a transition's output shows. @throws InputError when it is none. */
export function parseFuture(text: string): Future {
  const value = new Reader(text).whole();
  if (!(value instanceof Hold)) throw InputError.expected("output", "a future", text);
  return value.future;
}

/** A value in one line, as the ledger takes it for an input. */
export function printPlaintext(value: Plaintext): string {
  if (typeof value === "string") return value;
  if (isList(value)) return `[${value.map(printPlaintext).join(", ")}]`;
  const members = Object.entries(value).map(([name, inner]) => `${name}: ${printPlaintext(inner)}`);
  return `{ ${members.join(", ")} }`;
}

/** A value's one spelling: members sorted, no spaces. Two values are equal exactly when these are. */
export function canonicalPlaintext(value: Plaintext): string {
  if (typeof value === "string") return value;
  if (isList(value)) return `[${value.map(canonicalPlaintext).join(",")}]`;
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${name}:${canonicalPlaintext(value[name] ?? "")}`).join(",")}}`;
}

/** `Array.isArray` that tells a readonly array from a struct. */
export function isList(value: Plaintext): value is readonly Plaintext[] {
  return Array.isArray(value);
}

class Reader {
  readonly #text: string;
  readonly #tokens: string[] = [];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    TOKEN.lastIndex = 0;
    const trimmed = text.trimEnd();
    while (TOKEN.lastIndex < trimmed.length) {
      const token = TOKEN.exec(trimmed)?.[1];
      if (token === undefined) break;
      this.#tokens.push(token);
    }
  }

  whole(): FinalizeValue {
    const value = this.#value();
    if (this.#at !== this.#tokens.length) throw this.#fault("its end", this.#tokens[this.#at]);
    return value;
  }

  #value(): FinalizeValue {
    const token = this.#next();
    if (token === "{" || token === "[") {
      if (this.#depth === DEEPEST) throw this.#fault(`at most ${DEEPEST} levels`, "more");
      this.#depth += 1;
      const value = token === "{" ? this.#members() : this.#list("]").map((each) => this.#plain(each));
      this.#depth -= 1;
      return value;
    }
    if (/^[\]},:]$/.test(token)) throw this.#fault("a value", token);
    return canonicalLiteral(token.replace(/\.(public|private|constant)$/, ""));
  }

  #members(): FinalizeValue {
    const members = new Map<string, FinalizeValue | readonly FinalizeValue[]>();
    for (;;) {
      const name = this.#next();
      this.#expect(":");
      if (members.has(name)) throw this.#fault("a member once", name);
      const futures = name === "arguments" && this.#tokens[this.#at] === "[" && members.has("function_name");
      if (futures) this.#at += 1;
      members.set(name, futures ? this.#list("]") : this.#value());
      const after = this.#next();
      if (after === "}") return this.#built(members);
      if (after !== ",") throw this.#fault('"," or "}"', after);
    }
  }

  #built(members: ReadonlyMap<string, FinalizeValue | readonly FinalizeValue[]>): FinalizeValue {
    const program = members.get("program_id");
    const name = members.get("function_name");
    const args = members.get("arguments");
    if (typeof program === "string" && typeof name === "string" && members.size === 3 && Array.isArray(args))
      return new Hold({ program, function: name, arguments: args });
    const struct: Record<string, Plaintext> = Object.create(null);
    for (const [member, value] of members) struct[member] = this.#plain(value as FinalizeValue);
    return { ...struct };
  }

  #list(end: string): FinalizeValue[] {
    const values: FinalizeValue[] = [];
    if (this.#tokens[this.#at] === end) {
      this.#at += 1;
      return values;
    }
    for (;;) {
      values.push(this.#value());
      const after = this.#next();
      if (after === end) return values;
      if (after !== ",") throw this.#fault(`"," or "${end}"`, after);
    }
  }

  #plain(value: FinalizeValue): Plaintext {
    if (value instanceof Hold) throw this.#fault("a plaintext", "a future");
    return value;
  }

  #next(): string {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw this.#fault("more of it", undefined);
    this.#at += 1;
    return token;
  }

  #expect(wanted: string): void {
    const token = this.#next();
    if (token !== wanted) throw this.#fault(`"${wanted}"`, token);
  }

  #fault(expected: string, got: string | undefined): InputError {
    return InputError.expected(`value ${JSON.stringify(this.#text.slice(0, 60))}`, expected, got);
  }
}

/** Numbers without leading zeros and underscores, so that one value has one text. */
function canonicalLiteral(token: string): string {
  const number = /^(-?)([\d_]+)(field|group|scalar|[iu]\d+)$/.exec(token);
  if (number === null) return token;
  const digits = BigInt((number[2] ?? "").replaceAll("_", ""));
  return `${number[1] === "-" && digits !== 0n ? "-" : ""}${digits}${number[3]}`;
}
