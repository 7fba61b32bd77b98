import { parse, TomlError } from "smol-toml";
import type { z } from "zod";
import { InputError } from "./errors.ts";
import { readFields } from "./json.ts";

/**
 * Reads a TOML document by a schema whose messages say what was expected.
 *
 * @param file Name of the document in messages.
 * @param next What a person does about a fault.
 * @throws InputError `file: field: expected X, got Y` for the first fault.
 */
export function readToml<T extends z.ZodType>(
  schema: T,
  text: string,
  file: string,
  next?: string,
): z.output<T> {
  return readFields(schema, parseToml(text, file), file, next);
}

/** A TOML document's content, unchecked. @throws InputError naming the line that is no TOML. */
export function parseToml(text: string, file: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof TomlError) throw new InputError(`${file}: ${error.message}`, { cause: error });
    throw error;
  }
}
