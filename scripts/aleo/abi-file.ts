import { z } from "zod";
import { isLiteralType, type LiteralType } from "../../src/aleo/literals.ts";
import { CheckError } from "../../src/core/errors.ts";

/** A plaintext type of the compiler's `abi.json` (leo-abi-types 4.4), as our generator uses it. */
export type Plaintext =
  | { readonly literal: LiteralType }
  | { readonly array: Plaintext; readonly length: number }
  | { readonly struct: string };

export interface CompiledAbi {
  readonly program: string;
  readonly structs: ReadonlyMap<string, readonly { readonly name: string; readonly ty: Plaintext }[]>;
  readonly mappings: readonly { readonly name: string; readonly key: Plaintext; readonly value: Plaintext }[];
  readonly functions: readonly {
    readonly name: string;
    readonly inputs: readonly {
      readonly type: Plaintext;
      readonly visibility: "public" | "private" | "constant";
    }[];
  }[];
}

/** Leo's names of primitive types in the file, where they are not the literal's in lower case. */
const PRIMITIVES: Readonly<Record<string, string>> = { Boolean: "bool" };

const primitive = z
  .union([
    z.string(),
    z.strictObject({ UInt: z.string() }).transform(({ UInt }) => UInt),
    z.strictObject({ Int: z.string() }).transform(({ Int }) => Int),
  ])
  .transform((name, context) => {
    const literal = PRIMITIVES[name] ?? name.toLowerCase();
    if (isLiteralType(literal)) return { literal };
    context.addIssue({ code: "custom", message: `a primitive type we know, got ${name}` });
    return z.NEVER;
  });

const plaintext: z.ZodType<Plaintext> = z.lazy(() =>
  z.union([
    z.strictObject({ Primitive: primitive }).transform(({ Primitive }) => Primitive),
    z
      .strictObject({ Array: z.strictObject({ element: plaintext, length: z.number() }) })
      .transform(({ Array: { element, length } }) => ({ array: element, length })),
    z
      .strictObject({ Struct: z.looseObject({ path: z.array(z.string()) }) })
      .transform(({ Struct }) => ({ struct: Struct.path.join("__") })),
  ]),
);

const MODES = { Public: "public", Private: "private", Constant: "constant" } as const;
const input = z
  .strictObject({
    Plaintext: z.strictObject({ ty: plaintext, mode: z.enum(["Public", "Private", "Constant"]) }),
  })
  .transform(({ Plaintext: { ty, mode } }) => ({ type: ty, visibility: MODES[mode] }));

const schema = z.looseObject({
  program: z.string(),
  structs: z.array(
    z.strictObject({
      path: z.array(z.string()),
      fields: z.array(z.strictObject({ name: z.string(), ty: plaintext })),
    }),
  ),
  mappings: z.array(z.strictObject({ name: z.string(), key: plaintext, value: plaintext })),
  functions: z.array(z.looseObject({ name: z.string(), inputs: z.array(input) })),
});

/** Reads the compiler's `abi.json`. @throws CheckError for what our generator has no type for, e.g. a record as input. */
export function readAbi(value: unknown): CompiledAbi {
  const read = schema.safeParse(value);
  if (!read.success) throw new CheckError(`abi.json: ${z.prettifyError(read.error)}`);
  const { program, structs, mappings, functions } = read.data;
  return {
    program,
    structs: new Map(structs.map(({ path, fields }) => [path.join("__"), fields])),
    mappings,
    functions,
  };
}
