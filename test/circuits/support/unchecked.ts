import { compileVariant } from "../../../scripts/planted/variant.ts";
import type { CompiledCircuit } from "../../../src/setup/compile.ts";
import { blank, withoutComments } from "./circom-source.ts";

/**
 * Compiles a copy of a circuit without its `===`, so that its generator computes a witness from any inputs and refuses
 * none. Unoptimised: every signal is a wire, to be found by name.
 */
export async function compileUnchecked(name: string, source: string): Promise<CompiledCircuit> {
  return await compileVariant({
    name: `${name}-unchecked`,
    source,
    change: withoutChecks,
    flags: ["--O0"],
  });
}

/** Blanks comments, and every `a === b;`: they stand on one line. */
export function withoutChecks(text: string): string {
  return withoutComments(text).replace(/^[^;\n]*===[^;\n]*;/gm, blank);
}
