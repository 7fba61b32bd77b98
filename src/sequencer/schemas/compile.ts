import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { InputError } from "../../core/errors.ts";
import { linearPattern } from "./linear-pattern.ts";
import { countValues, mostValues, requireSound } from "./sound.ts";

/** Where a payload is not what its schema says, and why. */
export interface SchemaFault {
  /** JSON pointer within the payload; empty for the whole. */
  readonly pointer: string;
  readonly message: string;
}

/** A schema that checks payloads. */
export interface CompiledSchema {
  /** From 1. */
  readonly version: number;
  /** @returns undefined when the payload is good. */
  check(payload: unknown): SchemaFault | undefined;
}

/** Nothing is generated for elsewhere, where the code would be needed. */
const regExp = Object.assign((source: string) => linearPattern(source), { code: "undefined" });

/**
 * Compiles a JSON Schema (2020-12, with the standard's formats).
 *
 * @throws InputError when it is none, or one whose checking time has no bound.
 */
export function compileSchema(schema: unknown): Pick<CompiledSchema, "check"> {
  const most = mostValues(requireSound(schema));
  const ajv = new Ajv2020({
    strict: true,
    strictTypes: false,
    strictRequired: false,
    strictTuples: false,
    allErrors: false,
    addUsedSchema: false,
    code: { regExp },
  });
  addFormats.default(ajv);
  let validate: ReturnType<typeof ajv.compile>;
  try {
    validate = ajv.compile(schema as object | boolean);
  } catch (cause) {
    throw new InputError(`schema: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  return {
    check(payload) {
      if (countValues(payload, most) > most)
        return {
          pointer: "",
          message: `expected at most ${most} values, which is what this schema has time for`,
        };
      if (validate(payload)) return undefined;
      const error = validate.errors?.[0];
      return { pointer: error?.instancePath ?? "", message: error?.message ?? "it does not match" };
    },
  };
}
