import type { z } from "zod";
import { CheckError, InputError } from "../core/errors.ts";
import { readJson } from "../core/json.ts";

/** Reads an answer by a schema. @throws CheckError: another form is the sequencer's fault, not the caller's. */
export function readAnswer<T extends z.ZodType>(schema: T, value: unknown, what: string): z.output<T> {
  return ofAnswer(() => readJson(schema, value, what));
}

/** Runs a reader of `core` on what the sequencer sent. @throws CheckError in place of an InputError. */
export function ofAnswer<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new CheckError(`the sequencer's answer: ${error.message}`, { cause: error });
  }
}
