import { InputError } from "./errors.ts";
import type { Json } from "./json-value.ts";

/** What a document may be at most. Its size in bytes is the caller's to limit, before it is read. */
export interface JsonLimits {
  /** Arrays and objects inside each other; 64 without it. */
  readonly depth?: number;
}

const DEPTH = 64;
const BOM = "\uFEFF";
const NUMBER = "a number that a double holds (below 2^53 in size, not lost to zero); write others as text";

/**
 * Reads JSON that every reader understands alike (RFC 8259 in the narrow form of RFC 7493, I-JSON).
 *
 * Refused besides what is no JSON: invalid UTF-8, a byte order mark, a name twice in an object (after its escapes are
 * resolved), lone surrogates, escaped ones too, deeper nesting than the limit, numbers of 2^53 or more in size however
 * they are written, and non-zero numbers that a double makes zero. Other fractions are rounded to the nearest double, as
 * RFC 8785 has it. `__proto__` and the like are names as any other: own properties of what is returned.
 *
 * @param path JSON path of the document in error texts. These never quote more of it than a name or a number.
 * @throws InputError `path: expected X, got Y`.
 */
export function parseStrictJson(input: string | Uint8Array, limits: JsonLimits = {}, path = "$"): Json {
  const text = typeof input === "string" ? wellFormed(input, path) : decode(input, path);
  if (text.startsWith(BOM)) throw new InputError(`${path}: expected JSON, got a byte order mark first`);
  new Scanner(text, limits.depth ?? DEPTH, path).scan();
  try {
    return JSON.parse(text);
  } catch {
    // The engine's own message quotes the document, which may be confidential.
    throw new InputError(`${path}: expected JSON, got ${text.trim() === "" ? "nothing" : "something else"}`);
  }
}

function wellFormed(text: string, path: string): string {
  if (!text.isWellFormed()) throw new InputError(`${path}: expected Unicode text, got a lone surrogate`);
  return text;
}

function decode(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new InputError(`${path}: expected UTF-8, got bytes that are not`);
  }
}

/** An array or object that has begun and not yet ended. */
interface Open {
  /** Names so far; undefined for an array. */
  readonly names: Set<string> | undefined;
  /** The last name, and whether the next string is one. */
  name: string;
  nameNext: boolean;
  index: number;
}

/**
 * One pass over the text for what `JSON.parse` lets through. It knows just enough grammar to be exact on JSON; on
 * anything else it may say nothing, because `JSON.parse` comes after it.
 */
class Scanner {
  readonly #text: string;
  readonly #depth: number;
  readonly #path: string;
  readonly #open: Open[] = [];
  #at = 0;
  /** The first backslash at or after the place looked at: strings without one are skipped at once. */
  #backslash: number;

  constructor(text: string, depth: number, path: string) {
    this.#text = text;
    this.#depth = depth;
    this.#path = path;
    this.#backslash = orEnd(text.indexOf("\\"));
  }

  scan(): void {
    const text = this.#text;
    while (this.#at < text.length) {
      const code = text.charCodeAt(this.#at);
      if (code === 0x22) this.#string();
      else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) this.#number();
      else {
        this.#at += 1;
        if (code === 0x2c) this.#comma();
        else if (code === 0x7b) this.#begin(new Set());
        else if (code === 0x5b) this.#begin(undefined);
        else if (code === 0x7d || code === 0x5d) this.#open.pop();
      }
    }
  }

  #begin(names: Set<string> | undefined): void {
    if (this.#open.length >= this.#depth) {
      throw new InputError(`${this.#place()}: expected at most ${this.#depth} levels of nesting, got more`);
    }
    this.#open.push({ names, name: "", nameNext: names !== undefined, index: 0 });
  }

  #comma(): void {
    const open = this.#open.at(-1);
    if (open === undefined) return;
    open.index += 1;
    open.nameNext = open.names !== undefined;
  }

  #string(): void {
    const start = this.#at;
    const escaped = this.#skipString();
    const open = this.#open.at(-1);
    if (open?.names !== undefined && open.nameNext) {
      open.nameNext = false;
      open.name = this.#nameOf(start, escaped);
      if (open.names.has(open.name)) {
        throw new InputError(`${this.#place()}: expected a name once in its object, got it twice`);
      }
      open.names.add(open.name);
    }
    if (escaped && loneSurrogate(this.#text.slice(start, this.#at))) {
      throw new InputError(`${this.#place()}: expected Unicode text, got a lone surrogate`);
    }
  }

  /** Goes behind the string's end. @returns Whether it has escapes. */
  #skipString(): boolean {
    const text = this.#text;
    const start = this.#at + 1;
    if (this.#backslash < start) this.#backslash = orEnd(text.indexOf("\\", start));
    let end = orEnd(text.indexOf('"', start));
    const escaped = this.#backslash < end;
    while (this.#backslash < end) {
      const behind = this.#backslash + 2;
      if (end < behind) end = orEnd(text.indexOf('"', behind));
      this.#backslash = orEnd(text.indexOf("\\", behind));
    }
    this.#at = Math.min(end + 1, text.length);
    return escaped;
  }

  #nameOf(start: number, escaped: boolean): string {
    if (!escaped) return this.#text.slice(start + 1, this.#at - 1);
    try {
      return JSON.parse(this.#text.slice(start, this.#at));
    } catch {
      throw new InputError(`${this.#path}: expected JSON, got something else`);
    }
  }

  #number(): void {
    const text = this.#text;
    const start = this.#at;
    let exponent = false;
    let code = text.charCodeAt(start);
    while (isDigit(code) || code === 0x2b || code === 0x2d || code === 0x2e || isExponent(code)) {
      exponent ||= isExponent(code);
      this.#at += 1;
      code = text.charCodeAt(this.#at);
    }
    // Fifteen digits always fit.
    if (!exponent && this.#at - start <= 15) return;
    const digits = text.slice(start, this.#at);
    const value = Number(digits);
    if (Math.abs(value) >= 2 ** 53 || (value === 0 && /^[^eE]*[1-9]/.test(digits))) {
      throw InputError.expected(this.#place(), NUMBER, digits);
    }
  }

  /** JSON path of what is being read. */
  #place(): string {
    return this.#open.reduce(
      (path, { names, name, index }) =>
        names === undefined ? `${path}[${index}]` : `${path}.${short(name)}`,
      this.#path,
    );
  }
}

const orEnd = (index: number): number => (index === -1 ? Number.POSITIVE_INFINITY : index);
const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;
const isExponent = (code: number): boolean => code === 0x65 || code === 0x45;
const short = (name: string): string => (name.length > 64 ? `${name.slice(0, 61)}...` : name);

/** Whether a string's source, which is well formed itself, has an escaped surrogate without its other half. */
function loneSurrogate(source: string): boolean {
  for (const [match] of source.matchAll(/\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|u[dD][89a-fA-F]..|.)/g)) {
    if (/^\\u[dD]/.test(match) && match.length === 6) return true;
  }
  return false;
}
