import { randomBytes } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type CompiledCircuit, compileCircuit, sourceClosure } from "../../src/setup/compile.ts";

export interface Variant {
  /** Names the copy under `build/variants/` and the build under `build/circuits/`: a-z, 0-9, _ and -. */
  readonly name: string;
  /** Entry file of the real circuit, absolute. */
  readonly source: string;
  /** The text that stands in the copy for a file's; `path` is relative to the project's root. */
  readonly change: (text: string, path: string) => string;
  /** Compiler flags, as for `compileCircuit`. */
  readonly flags?: readonly string[];
  /** Called with one line of text at each step. */
  readonly onProgress?: (message: string) => void;
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const COPIES = join(ROOT, "build/variants");

/**
 * Compiles a changed copy of a circuit, so that a variant made on purpose never drifts from the real source.
 *
 * @throws As `compileCircuit`: CheckError with the compiler's words when the variant does not compile.
 */
export async function compileVariant(variant: Variant): Promise<CompiledCircuit> {
  const { name, flags, onProgress } = variant;
  return await compileCircuit(name, {
    source: await copyVariant(variant),
    ...(flags === undefined ? {} : { flags }),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
}

/**
 * Writes the changed copy: every file that the circuit includes, libraries too, at its place below
 * `build/variants/<name>`.
 *
 * @returns the copy's entry file.
 */
export async function copyVariant({ name, source, change }: Omit<Variant, "flags">): Promise<string> {
  const copy = join(COPIES, name);
  const sources = await sourceClosure(source);
  for (const [path, text] of sources) await writeWhole(join(copy, path), change(text, path));
  return join(copy, relative(ROOT, source));
}

/** Where the copy and the builds of a variant are; removing them loses nothing but time. */
export function foldersOf(name: string): string[] {
  return [join(COPIES, name), join(ROOT, "build/circuits", name)];
}

/** By a rename, as another process may make the same variant and the compiler must not read half a file. */
async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const partial = `${path}.${randomBytes(6).toString("hex")}`;
  await writeFile(partial, text);
  await rename(partial, path);
}
