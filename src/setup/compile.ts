import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { CheckError, errorCode, InputError, UnavailableError } from "../core/errors.ts";
import { exists } from "./files.ts";

/** A circuit's compiled parts. Every path is absolute and holds a whole file. */
export interface CompiledCircuit {
  readonly name: string;
  /** The constraint system, for the trusted setup. */
  readonly r1cs: string;
  /** Names of the wires, for people and tests. */
  readonly sym: string;
  /** The witness generator, for the prover. */
  readonly wasm: string;
  /** sha256, hex, over compiler version, flags and every source file the circuit includes. */
  readonly sourceHash: string;
  readonly compilerVersion: string;
  /** Whether it was there already. */
  readonly cached: boolean;
}

export interface CompileOptions {
  /** Compile even if an equal build is there. */
  readonly force?: boolean;
  /** Called with one line of text at each step. */
  readonly onProgress?: (message: string) => void;
  /** Entry file; `circuits/<name>.circom` unless given. */
  readonly source?: string;
  /** Compiler flags, `--O2` unless given; part of the cache's key. */
  readonly flags?: readonly string[];
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BUILD = join(ROOT, "build/circuits");
const OUTPUTS = ["--r1cs", "--sym", "--wasm"];

/**
 * Compiles a circuit, or finds the build of exactly these sources under `build/circuits/<name>/<hash>/`.
 *
 * The folder appears by one rename, so an interrupted or a parallel run never leaves half of one.
 *
 * @throws InputError when there is no such circuit or an include is missing; CheckError with the compiler's words when
 * it does not compile; UnavailableError when the compiler cannot be run.
 */
export async function compileCircuit(name: string, options: CompileOptions = {}): Promise<CompiledCircuit> {
  if (!/^[a-z0-9_-]+$/.test(name)) {
    throw InputError.expected("circuit", "a name of a-z, 0-9, _ and -", name);
  }
  const source = options.source ?? join(ROOT, "circuits", `${name}.circom`);
  const compiler = await findCompiler();
  const flags = [...OUTPUTS, ...(options.flags ?? ["--O2"])];
  const sources = await sourceClosure(source);
  const sourceHash = hashSources(sources, [compiler.version, ...flags]);

  const folder = join(BUILD, name, sourceHash.slice(0, 16));
  const cached = options.force !== true && (await exists(folder));
  if (cached) {
    options.onProgress?.(`circuit ${name}: compiled before`);
  } else {
    options.onProgress?.(`circuit ${name}: compiling ${sources.size} source files`);
    await build(name, source, folder, [compiler.script, ...flags]);
    options.onProgress?.(`circuit ${name}: compiled`);
  }
  const file = (extension: string): string => join(folder, `${name}.${extension}`);
  return {
    name,
    r1cs: file("r1cs"),
    sym: file("sym"),
    wasm: file("wasm"),
    sourceHash,
    compilerVersion: compiler.version,
    cached,
  };
}

/** Compiles beside the folder and moves it there whole; whoever comes first wins, as both made the same. */
async function build(
  name: string,
  source: string,
  folder: string,
  command: readonly string[],
): Promise<void> {
  const partial = `${folder}.partial-${randomBytes(6).toString("hex")}`;
  await mkdir(partial, { recursive: true });
  try {
    await runCompiler([...command, "-o", partial, source]);
    // The compiler names its files after the source, and adds a generator script that nothing here uses.
    const base = source.slice(source.lastIndexOf(sep) + 1).replace(/\.circom$/, "");
    await rename(join(partial, `${base}_js`, `${base}.wasm`), join(partial, `${name}.wasm`));
    await rm(join(partial, `${base}_js`), { recursive: true });
    for (const extension of ["r1cs", "sym"]) {
      await rename(join(partial, `${base}.${extension}`), join(partial, `${name}.${extension}`));
    }
    await putInPlace(partial, folder);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function putInPlace(partial: string, folder: string): Promise<void> {
  try {
    await rename(partial, folder);
  } catch (error) {
    // A folder that is there already (forced, or built meanwhile) holds the same files: each is replaced whole.
    if (!["ENOTEMPTY", "EEXIST", "EPERM"].includes(errorCode(error))) throw error;
    for (const file of await readdir(partial)) await rename(join(partial, file), join(folder, file));
  }
}

async function runCompiler(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [...args], { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", (cause) =>
      reject(new UnavailableError("the circuit compiler did not start", { cause })),
    );
    child.on("close", resolve);
  });
  if (code !== 0)
    throw new CheckError(`the circuit does not compile:\n${stripVTControlCharacters(output).trim()}`);
}

async function findCompiler(): Promise<{ script: string; version: string }> {
  const require = createRequire(import.meta.url);
  try {
    const { version } = JSON.parse(await readFile(require.resolve("circom2/package.json"), "utf8")) as {
      version: string;
    };
    return { script: require.resolve("circom2/cli.js"), version: `circom2 ${version}` };
  } catch (cause) {
    throw new UnavailableError("the circuit compiler is not installed", { next: "npm ci", cause });
  }
}

/**
 * Every source file an entry file includes, itself among them: path from the project's root to text.
 *
 * @throws InputError when a file cannot be read.
 */
export async function sourceClosure(entry: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const waiting = [entry];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    const key = relative(ROOT, file).split(sep).join("/");
    if (found.has(key)) continue;
    const text = await readFile(file, "utf8").catch(() => {
      throw InputError.expected("circuit source", "a readable file", key);
    });
    found.set(key, text);
    for (const include of includesOf(text)) waiting.push(join(dirname(file), include));
  }
  return found;
}

function includesOf(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\/\/.*/g, "");
  return [...code.matchAll(/\binclude\s+"([^"]+)"/g)].map((match) => match[1] ?? "");
}

/** Each text is preceded by its name and length, so that no two sets of files hash the same bytes. */
function hashSources(sources: ReadonlyMap<string, string>, settings: readonly string[]): string {
  const hash = createHash("sha256").update(`${JSON.stringify(settings)}\n`);
  for (const path of [...sources.keys()].sort()) {
    const text = sources.get(path) ?? "";
    hash.update(`${JSON.stringify(path)} ${Buffer.byteLength(text)}\n`).update(text);
  }
  return hash.digest("hex");
}
