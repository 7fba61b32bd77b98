import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { type Compiled, PROGRAM_FOLDERS, type ProgramFolder } from "./compiler.ts";

/** What `leo/FOLDER/build/build.json` holds: from what, and by which compiler, its neighbours were made. */
export interface BuildRecord {
  /** The program's id, e.g. `agent_registry_v3.aleo`. */
  readonly program: string;
  /** Version of the Leo compiler. */
  readonly leo: string;
  /** SHA-256 in hex of every file the compiler read, by its path in the program's folder. */
  readonly sources: Readonly<Record<string, string>>;
  /** Checksums of the programs of `leo/` that it imports, by program id. */
  readonly imports: Readonly<Record<string, string>>;
  /** SHA-256 in hex of main.aleo and abi.json. */
  readonly outputs: Readonly<Record<string, string>>;
  /** The program's checksum as the ledger computes it, in hex: what `approve_upgrade` names. */
  readonly checksum: string;
  /** The exported constants of the sources, by name; values as Leo literals without `_`. */
  readonly constants: Readonly<Record<string, string>>;
}

/** Where a program's committed build is. */
export function buildFolder(leoFolder: string, folder: ProgramFolder): string {
  return join(leoFolder, folder, "build");
}

/** The committed build of a program. */
export function readBuild(leoFolder: string, folder: ProgramFolder): Compiled & { record: BuildRecord } {
  const from = (file: string): string => readFileSync(join(buildFolder(leoFolder, folder), file), "utf8");
  return {
    program: from("main.aleo"),
    abi: from("abi.json"),
    record: JSON.parse(from("build.json")) as BuildRecord,
  };
}

/** The record of a build of the sources as they are now. */
export async function makeRecord(
  leoFolder: string,
  folder: ProgramFolder,
  compiled: Compiled,
  leo: string,
): Promise<BuildRecord> {
  const home = join(leoFolder, folder);
  return {
    program: programId(compiled.program),
    leo,
    sources: hashSources(leoFolder, folder),
    imports: await importChecksums(leoFolder, compiled.program),
    outputs: { "main.aleo": sha256(compiled.program), "abi.json": sha256(compiled.abi) },
    checksum: await programChecksum(compiled.program),
    constants: Object.assign(
      {},
      ...sourceFiles(home).map((file) => readConstants(readFileSync(join(home, file), "utf8"))),
    ),
  };
}

/** SHA-256 of program.json and of everything under src/, by path, in the paths' order. */
export function hashSources(leoFolder: string, folder: ProgramFolder): Record<string, string> {
  const home = join(leoFolder, folder);
  return Object.fromEntries(
    ["program.json", ...sourceFiles(home)].map((file) => [file, sha256(readFileSync(join(home, file)))]),
  );
}

/** A program's checksum in hex, as the ledger computes it: over the text it prints, not over the compiler's. */
export async function programChecksum(program: string): Promise<string> {
  const sdk = await import("@provablehq/sdk/testnet.js");
  return Buffer.from(sdk.programChecksum(program)).toString("hex");
}

/** The id that a program's text declares. */
export function programId(program: string): string {
  return /^program (\S+);/m.exec(program)?.[1] ?? "";
}

/** `const NAME: type = value;` of a Leo source. */
export function readConstants(source: string): Record<string, string> {
  const found = source.matchAll(/^export const (\w+): \w+ = (\w+);/gm);
  return Object.fromEntries([...found].map(([, name = "", value = ""]) => [name, value.replaceAll("_", "")]));
}

function sourceFiles(home: string): string[] {
  return readdirSync(join(home, "src"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(home, join(entry.parentPath, entry.name)))
    .sort();
}

async function importChecksums(leoFolder: string, program: string): Promise<Record<string, string>> {
  const imported = new Set([...program.matchAll(/^import (\S+);/gm)].map(([, id]) => id));
  const ours = PROGRAM_FOLDERS.filter((folder) => existsSync(buildFolder(leoFolder, folder)))
    .map((folder) => readFileSync(join(buildFolder(leoFolder, folder), "main.aleo"), "utf8"))
    .filter((text) => imported.has(programId(text)));
  return Object.fromEntries(
    await Promise.all(ours.map(async (text) => [programId(text), await programChecksum(text)] as const)),
  );
}

function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
