import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type CompiledCircuit, compileCircuit, sourceClosure } from "../../../src/setup/compile.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const COPIES = join(ROOT, "build/unchecked");

/**
 * Compiles a copy of a circuit without its `===`, so that its generator computes a witness from any inputs and refuses
 * none. Unoptimised: every signal is a wire, to be found by name.
 */
export async function compileUnchecked(name: string, source: string): Promise<CompiledCircuit> {
  const sources = await sourceClosure(source);
  for (const [path, text] of sources) await writeWhole(join(COPIES, path), withoutChecks(text));
  return compileCircuit(`${name}-unchecked`, {
    source: join(COPIES, relative(ROOT, source)),
    flags: ["--O0"],
  });
}

/** Blanks every `a === b;` (they stand on one line), comments first. Lengths stay: the compiler names anonymous components by their position. */
function withoutChecks(text: string): string {
  const blank = (match: string): string => match.replace(/[^\n]/g, " ");
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, blank).replace(/^[^;\n]*===[^;\n]*;/gm, blank);
}

async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const partial = `${path}.${process.pid}`;
  await writeFile(partial, text);
  await rename(partial, path);
}
