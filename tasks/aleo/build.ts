import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { type BuildRecord, buildFolder, makeRecord } from "../../src/aleo/build-record.ts";
import {
  type Compiled,
  compileProgram,
  findLeo,
  leoVersion,
  type ProgramFolder,
} from "../../src/aleo/compiler.ts";
import { writeFileDurably } from "../../src/chain/files.ts";
import { EXIT, UnavailableError } from "../../src/core/errors.ts";
import { action, type TaskIo, type TaskResult } from "../support/task.ts";
import { inspectBuild } from "./support/build.ts";
import { type AleoProgram, chosenPrograms, LEO_FOLDER } from "./support/programs.ts";

interface BuildArguments {
  readonly program: string | undefined;
  readonly write: boolean;
}

interface Built {
  readonly program: string;
  readonly ok: boolean;
  /** How it is known. */
  readonly how: string;
  readonly checksum: string;
  readonly faults: readonly string[];
}

/** How to come by the compiler; the version is the recorded one, since another may write other instructions. */
const HOW = (version: string) =>
  `cargo install leo-lang --version ${version} --locked, and have it on PATH or name it by LEO`;

/** Compiles and compares; without a compiler the recorded hashes say whether the committed build is that of the sources. */
export async function build(
  args: BuildArguments,
  _hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const programs = chosenPrograms(args.program);
  const leo = findLeo();
  if (leo === undefined && args.write) {
    throw new UnavailableError("there is no Leo compiler on PATH, and LEO names none", {
      next: HOW((await inspectBuild(programs[0] as AleoProgram)).record.leo),
    });
  }
  const built: Built[] = [];
  for (const program of programs) {
    built.push(leo === undefined ? await byHashes(program) : await byCompiler(program, leo, args.write, io));
  }
  const wrong = built.filter(({ ok }) => !ok);
  const missing = leo === undefined ? [`  to compile them: ${HOW((await recordOf(programs)).leo)}`] : [];
  return {
    data: { ok: wrong.length === 0, compiler: leo, programs: built },
    lines: [...built.flatMap(builtLines), ...missing],
    exitCode: wrong.length === 0 ? EXIT.ok : EXIT.failed,
  };
}

async function recordOf(programs: readonly AleoProgram[]): Promise<BuildRecord> {
  return (await inspectBuild(programs[0] as AleoProgram)).record;
}

async function byHashes(program: AleoProgram): Promise<Built> {
  const { record, faults } = await inspectBuild(program);
  const how = "the sources' and the build's recorded hashes; no compiler is installed";
  return { program: program.id, ok: faults.length === 0, how, checksum: record.checksum, faults };
}

async function byCompiler(program: AleoProgram, leo: string, write: boolean, io: TaskIo): Promise<Built> {
  const folder = program.folder.slice("leo/".length) as ProgramFolder;
  const version = await leoVersion(leo);
  io.note(`compiling ${program.id} with leo ${version} …`);
  const compiled = await compileProgram(resolve(LEO_FOLDER), folder, leo);
  const record = await makeRecord(resolve(LEO_FOLDER), folder, compiled, version);
  if (write) writeBuild(folder, compiled, record);
  const committed = await inspectBuild(program);
  const faults = [...committed.faults];
  if (committed.source !== compiled.program)
    faults.push(`${program.folder}/build/main.aleo is not what leo ${version} makes`);
  const how = write ? `compiled and written by leo ${version}` : `compiled by leo ${version} and compared`;
  return { program: program.id, ok: faults.length === 0, how, checksum: record.checksum, faults };
}

function writeBuild(folder: ProgramFolder, { program, abi }: Compiled, record: BuildRecord): void {
  const home = buildFolder(resolve(LEO_FOLDER), folder);
  mkdirSync(home, { recursive: true });
  writeFileDurably(join(home, "main.aleo"), program);
  writeFileDurably(join(home, "abi.json"), abi);
  writeFileDurably(join(home, "build.json"), `${JSON.stringify(record, undefined, 2)}\n`);
}

function builtLines({ program, ok, how, checksum, faults }: Built): string[] {
  return [
    `${ok ? "ok   " : "WRONG"} ${program}  checksum ${checksum}`,
    `  by ${how}`,
    ...faults.map((fault) => `  ${fault}`),
    ...(ok ? [] : ["  next: npx hardhat aleo build --write, and commit leo/"]),
  ];
}

export default action(build);
