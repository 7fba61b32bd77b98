import { compileVariant } from "../../../scripts/planted/variant.ts";
import type { CompiledCircuit } from "../../../src/setup/compile.ts";

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

/** Blanks every `a === b;` (they stand on one line), comments first. Lengths stay: the compiler names anonymous components by their position. */
function withoutChecks(text: string): string {
  const blank = (match: string): string => match.replace(/[^\n]/g, " ");
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, blank).replace(/^[^;\n]*===[^;\n]*;/gm, blank);
}
