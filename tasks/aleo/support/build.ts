import { resolve } from "node:path";
import { type BuildRecord, hashSources, programChecksum, readBuild } from "../../../src/aleo/build-record.ts";
import type { ProgramFolder } from "../../../src/aleo/compiler.ts";
import { CheckError, errorCode, UnavailableError } from "../../../src/core/errors.ts";
import { type AleoProgram, LEO_FOLDER } from "./programs.ts";

/** A committed build whose parts belong together. */
export interface SoundBuild {
  /** Aleo instructions. */
  readonly source: string;
  readonly record: BuildRecord;
}

/**
 * The committed build of a program, if it was made from the sources that are there.
 *
 * @throws UnavailableError when there is none; CheckError when sources, record and program do not belong together.
 */
export async function requireSoundBuild(program: AleoProgram): Promise<SoundBuild> {
  const { source, record, faults } = await inspectBuild(program);
  if (faults.length === 0) return { source, record };
  throw new CheckError(`the build of ${program.id} is not that of its sources: ${faults.join("; ")}`, {
    next: "npx hardhat aleo build --write, where the compiler is installed; or undo the change of the sources",
  });
}

/** A committed build with what is wrong with it. @throws UnavailableError when there is none. */
export async function inspectBuild({
  id,
  folder,
}: AleoProgram): Promise<SoundBuild & { readonly faults: readonly string[] }> {
  const name = folder.slice("leo/".length) as ProgramFolder;
  let build: ReturnType<typeof readBuild>;
  try {
    build = readBuild(resolve(LEO_FOLDER), name);
  } catch (cause) {
    throw new UnavailableError(`there is no build of ${id} in ${folder}/build (${errorCode(cause)})`, {
      cause,
      next: "npx hardhat aleo build --write",
    });
  }
  const { program: source, record } = build;
  const now = hashSources(resolve(LEO_FOLDER), name);
  const files = new Set([...Object.keys(now), ...Object.keys(record.sources)]);
  const faults = [...files]
    .filter((file) => now[file] !== record.sources[file])
    .map((file) => `${folder}/${file} was changed since`);
  if ((await programChecksum(source)) !== record.checksum)
    faults.push(`${folder}/build/main.aleo is not the recorded one`);
  return { source, record, faults };
}
