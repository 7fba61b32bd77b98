import { execFile } from "node:child_process";
import {
  accessSync,
  constants,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, join } from "node:path";
import { promisify, stripVTControlCharacters } from "node:util";
import { CheckError, UnavailableError } from "../core/errors.ts";

/** The folders under `leo/` that hold a program each, those first that others import. */
export const PROGRAM_FOLDERS = ["agent_registry", "trust_verifier"] as const;
export type ProgramFolder = (typeof PROGRAM_FOLDERS)[number];

/** What the compiler made of a program. */
export interface Compiled {
  /** Aleo instructions: what is deployed. */
  readonly program: string;
  /** JSON: functions, mappings and structs. */
  readonly abi: string;
}

/**
 * The Leo compiler: the file that `LEO` names, else the first `leo` on `PATH`.
 *
 * @returns undefined when there is none.
 * @throws UnavailableError when `LEO` names something that cannot be run.
 */
export function findLeo(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (env.LEO !== undefined && env.LEO !== "") {
    if (isExecutable(env.LEO)) return env.LEO;
    throw new UnavailableError(`LEO names ${env.LEO}, which cannot be run`, {
      next: "name the compiler's file, or unset LEO",
    });
  }
  return (env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, "leo"))
    .find(isExecutable);
}

/**
 * The version a compiler says it is, e.g. `4.4.2`.
 *
 * @throws UnavailableError when it says none.
 */
export async function leoVersion(leo: string): Promise<string> {
  const said = await runLeo(leo, ["--version"], tmpdir());
  const version = /\d+\.\d+\.\d+/.exec(said)?.[0];
  if (version === undefined) {
    throw new UnavailableError(`${leo} does not tell its version: ${said.trim()}`, {
      next: "name the Leo compiler by LEO",
    });
  }
  return version;
}

/**
 * Compiles one program of `leo/` with the given compiler.
 *
 * It works on a copy in a temporary folder, whose registry of programs holds `credits.aleo` from the SDK: the sources'
 * folder stays as it is, and no network is asked.
 *
 * @param leoFolder The folder that holds the programs' folders.
 * @throws CheckError with the compiler's words when the sources do not compile.
 */
export async function compileProgram(
  leoFolder: string,
  folder: ProgramFolder,
  leo: string,
): Promise<Compiled> {
  const work = mkdtempSync(join(tmpdir(), "proofx-leo-"));
  try {
    copySources(leoFolder, work);
    await addCredits(work);
    await runLeo(leo, ["build", ...quietly(work)], join(work, folder));
    const made = join(work, folder, "build", programName(work, folder));
    return {
      program: readFileSync(`${join(made, programName(work, folder))}.aleo`, "utf8"),
      abi: `${readFileSync(join(made, "abi.json"), "utf8").trimEnd()}\n`,
    };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Runs a program's `leo test` suite, on a copy as {@link compileProgram} does.
 *
 * @returns What the compiler printed.
 * @throws CheckError with the compiler's words when a test fails.
 */
export async function testProgram(leoFolder: string, folder: ProgramFolder, leo: string): Promise<string> {
  const work = mkdtempSync(join(tmpdir(), "proofx-leo-"));
  try {
    copySources(leoFolder, work);
    await addCredits(work);
    return await runLeo(leo, ["test", ...quietly(work)], join(work, folder));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function copySources(leoFolder: string, work: string): void {
  for (const folder of PROGRAM_FOLDERS) {
    cpSync(join(leoFolder, folder), join(work, folder), {
      recursive: true,
      filter: (source) => basename(source) !== "build",
    });
  }
}

function programName(leoFolder: string, folder: ProgramFolder): string {
  const manifest = JSON.parse(readFileSync(join(leoFolder, folder, "program.json"), "utf8")) as {
    readonly program: string;
  };
  return manifest.program.replace(/\.aleo$/, "");
}

/** Leo looks for a program of the network here before it asks the network. */
async function addCredits(work: string): Promise<void> {
  const { Program } = await import("@provablehq/sdk/testnet.js");
  const cache = join(work, "home/registry/testnet/credits/0");
  mkdirSync(cache, { recursive: true });
  writeFileSync(join(cache, "credits.aleo"), Program.getCreditsProgram().toString());
}

/** The endpoint is one nobody listens on: what is missing must fail here, not be fetched. */
function quietly(work: string): string[] {
  return [
    ...["--home", join(work, "home"), "--network", "testnet", "--endpoint", "http://127.0.0.1:9"],
    ...["--offline", "--disable-update-check"],
  ];
}

async function runLeo(leo: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(leo, [...args], {
      cwd,
      env: { ...process.env, NO_COLOR: "1" },
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { readonly stdout?: string; readonly stderr?: string };
    throw new CheckError(`leo ${args[0]} failed:\n${stripVTControlCharacters(stdout + stderr).trim()}`);
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
