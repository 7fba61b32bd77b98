import canonicalize from "canonicalize";
import { z } from "zod";
import { fromBase64url } from "./base64url.ts";
import { fromHex, hexForm, isHex, utf8 } from "./bytes.ts";
import { InputError } from "./errors.ts";
import type { Json } from "./json-value.ts";
import { isU64, U64_FORM } from "./u64.ts";
import { isUuid, UUID_FORM } from "./uuid.ts";

export type { Json } from "./json-value.ts";

/**
 * UTF-8 of a JSON value in canonical form (RFC 8785).
 *
 * @throws InputError for what JSON cannot hold: NaN, infinities, lone surrogates, undefined.
 */
export function canonicalJson(what: string, value: Json): Uint8Array {
  return utf8(what, canonicalText(what, value));
}

/** The same as text. @throws InputError likewise. */
export function canonicalText(what: string, value: Json): string {
  let text: string | undefined;
  try {
    text = canonicalize(value);
  } catch (cause) {
    throw new InputError(`${what}: expected a value that has a canonical JSON form`, { cause });
  }
  if (text === undefined) throw InputError.expected(what, "a JSON value", value);
  if (!text.isWellFormed()) throw new InputError(`${what}: expected Unicode text, got a lone surrogate`);
  return text;
}

/** JSON text for people and other programs: every bigint as a decimal string. For hashing there is `canonicalJson`. */
export function stringifyJson(value: object, indent?: number): string {
  return JSON.stringify(value, (_key, inner) => (typeof inner === "bigint" ? String(inner) : inner), indent);
}

// The `error` of every field says what was expected; `readJson` adds where and what was there instead.

/** Lower-case 0x hex of `length` bytes, read as bytes. */
export const hexField = (length?: number) => {
  const error = hexForm(length);
  return z.string({ error }).transform((text, context): Uint8Array => {
    if (isHex(text, length)) return fromHex("hex", text, length);
    context.issues.push({ code: "custom", message: error, input: text });
    return z.NEVER;
  });
};

/** Base64url without padding of `length` bytes (any number without it), read as bytes. */
export const base64urlField = (length?: number) => {
  const error = `base64url without padding${length === undefined ? "" : ` of ${length} bytes`}`;
  return z.string({ error }).transform((text, context): Uint8Array => {
    const bytes = fromBase64url(text);
    if (bytes !== undefined && (length === undefined || bytes.length === length)) return bytes;
    context.issues.push({ code: "custom", message: error, input: text });
    return z.NEVER;
  });
};

/** A UUID, kept as text. */
export const uuidField = z.string({ error: UUID_FORM }).refine(isUuid, { error: UUID_FORM });

/** A u64 written as a decimal string, read as a bigint. */
export const u64Field = z.string({ error: U64_FORM }).refine(isU64, { error: U64_FORM }).transform(BigInt);

/** An integer from 0 to `max` written as a JSON number. */
export const uintField = (max: number) => {
  const error = `an integer from 0 to ${max}`;
  return z.int({ error }).min(0, { error }).max(max, { error });
};

/** Text without lone surrogates. */
export const textField = z
  .string({ error: "text" })
  .refine((text) => text.isWellFormed(), { error: "Unicode text without lone surrogates" });

/**
 * Reads a JSON value by a schema whose messages say what was expected.
 *
 * @param path JSON path of `value`, `$` for a whole document.
 * @throws InputError `path: expected X, got Y` for the first fault.
 */
export function readJson<T extends z.ZodType>(schema: T, value: unknown, path = "$"): z.output<T> {
  return read(schema, value, (keys) => jsonPath(path, keys));
}

/**
 * As {@link readJson}, for the content of a file.
 *
 * @param next What a person does about a fault.
 * @throws InputError `file: field: expected X, got Y` for the first fault.
 */
export function readFields<T extends z.ZodType>(
  schema: T,
  content: unknown,
  file: string,
  next?: string,
): z.output<T> {
  return read(schema, content, (keys) => (keys.length === 0 ? file : `${file}: ${jsonPath("", keys)}`), next);
}

/** Everything in a JSON value that its schema does not take, as {@link readJson} would say it; none when it is right. */
export function faultsOf(schema: z.ZodType, value: unknown, path = "$"): string[] {
  const result = schema.safeParse(value);
  if (result.success) return [];
  return result.error.issues.map((issue) => faultOf(issue, value, (keys) => jsonPath(path, keys)).message);
}

function read<T extends z.ZodType>(
  schema: T,
  value: unknown,
  place: (keys: readonly PropertyKey[]) => string,
  next?: string,
): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  if (issue === undefined) throw InputError.expected(place([]), "another value", value, next);
  throw faultOf(issue, value, place, next);
}

function faultOf(
  issue: z.core.$ZodIssue,
  value: unknown,
  place: (keys: readonly PropertyKey[]) => string,
  next?: string,
): InputError {
  if (issue.code === "unrecognized_keys") {
    return InputError.expected(place(issue.path), "no unknown field", issue.keys[0], next);
  }
  return InputError.expected(place(issue.path), expectation(issue), valueAt(value, issue.path), next);
}

/** Objects and arrays have no `error` of their own; zod names their type. */
function expectation(issue: z.core.$ZodIssue): string {
  return issue.code === "invalid_type" && issue.message.startsWith("Invalid input")
    ? issue.expected
    : issue.message;
}

function jsonPath(base: string, keys: readonly PropertyKey[]): string {
  return keys.reduce<string>(
    (path, key) =>
      typeof key === "number" ? `${path}[${key}]` : `${path}${path === "" ? "" : "."}${String(key)}`,
    base,
  );
}

function valueAt(value: unknown, keys: readonly PropertyKey[]): unknown {
  return keys.reduce<unknown>(
    (inner, key) => (inner === null || typeof inner !== "object" ? undefined : Reflect.get(inner, key)),
    value,
  );
}
