import { isDeepStrictEqual } from "node:util";
import { type BuildRecord, makeRecord, readBuild } from "../../src/aleo/build-record.ts";
import {
  compileProgram,
  findLeo,
  leoVersion,
  PROGRAM_FOLDERS,
  type ProgramFolder,
} from "../../src/aleo/compiler.ts";
import type { Fault } from "./support/sources.ts";

/** What the check of the Aleo programs did and found. */
export interface LeoFindings {
  /** How it compared, for a person: a check by hashes must not pass for a recompilation. */
  readonly how: string;
  readonly faults: readonly Fault[];
}

/**
 * Compares the committed builds under `leo/` with their sources.
 *
 * With the compiler that made them at hand they are compiled again and compared byte for byte; without it, what they
 * were made from is compared with the hashes recorded then.
 *
 * @param leoFolder The folder that holds the programs' folders.
 * @throws UnavailableError when `LEO` names something that is no compiler.
 */
export async function findLeoFaults(
  leoFolder: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<LeoFindings> {
  const faults: Fault[] = [];
  const compilers = new Set<string>();
  for (const folder of PROGRAM_FOLDERS) {
    const { record, ...committed } = readBuild(leoFolder, folder);
    compilers.add(record.leo);
    const now = await makeRecord(leoFolder, folder, committed, record.leo);
    faults.push(...staleParts(folder, record, now));
  }
  const leo = findLeo(env);
  const version = leo === undefined ? undefined : await leoVersion(leo);
  const recorded = [...compilers].join(", ");
  if (leo === undefined || version !== recorded) {
    const why =
      version === undefined ? "there is no leo on PATH" : `the leo here is ${version}, not ${recorded}`;
    return { how: `compared with the recorded hashes, not compiled: ${why}`, faults };
  }
  for (const folder of PROGRAM_FOLDERS) faults.push(...(await differing(leoFolder, folder, leo)));
  return { how: `compiled again with leo ${version} and compared byte for byte`, faults };
}

function staleParts(folder: ProgramFolder, recorded: BuildRecord, now: BuildRecord): Fault[] {
  const keys = Object.keys(now) as (keyof BuildRecord)[];
  return keys
    .filter((key) => !isDeepStrictEqual(recorded[key], now[key]))
    .map((key) => fault(folder, "build.json", `${key}: ${changes(recorded[key], now[key])}`));
}

/** Names what differs between two values of a record. */
function changes(recorded: unknown, now: unknown): string {
  if (typeof recorded !== "object" || typeof now !== "object" || recorded === null || now === null) {
    return `recorded ${String(recorded)}, is ${String(now)}`;
  }
  const [before, after] = [recorded, now] as Record<string, unknown>[];
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return `changed since it was built: ${names.filter((name) => before?.[name] !== after?.[name]).join(", ")}`;
}

async function differing(leoFolder: string, folder: ProgramFolder, leo: string): Promise<Fault[]> {
  const committed = readBuild(leoFolder, folder);
  const compiled = await compileProgram(leoFolder, folder, leo);
  return [
    ...(compiled.program === committed.program
      ? []
      : [fault(folder, "main.aleo", "differs from a new build")]),
    ...(compiled.abi === committed.abi ? [] : [fault(folder, "abi.json", "differs from a new build")]),
  ];
}

function fault(folder: ProgramFolder, file: string, message: string): Fault {
  return { file: `leo/${folder}/build/${file}`, line: 1, rule: "stale-build", message };
}
