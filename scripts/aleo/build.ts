/**
 * Compiles the programs of `leo/` with the official compiler and writes what is committed of it: `build/main.aleo`,
 * `build/abi.json` and `build/build.json` of each. With `--test` their `leo test` suites run too.
 *
 *   LEO=/path/to/leo node scripts/aleo/build.ts [--test]
 */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildFolder, makeRecord } from "../../src/aleo/build-record.ts";
import {
  compileProgram,
  findLeo,
  leoVersion,
  PROGRAM_FOLDERS,
  testProgram,
} from "../../src/aleo/compiler.ts";
import { writeFileDurably } from "../../src/chain/files.ts";
import { UnavailableError } from "../../src/core/errors.ts";

const LEO_FOLDER = resolve(import.meta.dirname, "../../leo");

const { values } = parseArgs({ options: { test: { type: "boolean" } } });
const leo = findLeo();
if (leo === undefined) {
  throw new UnavailableError("no Leo compiler on PATH", {
    next: "cargo install leo-lang --version 4.4.2 --locked, or name it by LEO",
  });
}
const version = await leoVersion(leo);
for (const folder of PROGRAM_FOLDERS) {
  const compiled = await compileProgram(LEO_FOLDER, folder, leo);
  const home = buildFolder(LEO_FOLDER, folder);
  mkdirSync(home, { recursive: true });
  writeFileDurably(join(home, "main.aleo"), compiled.program);
  writeFileDurably(join(home, "abi.json"), compiled.abi);
  const record = await makeRecord(LEO_FOLDER, folder, compiled, version);
  writeFileDurably(join(home, "build.json"), `${JSON.stringify(record, undefined, 2)}\n`);
  console.log(`${record.program}  ${compiled.program.length} bytes  checksum ${record.checksum}`);
}
if (values.test === true) {
  for (const folder of PROGRAM_FOLDERS) console.log(await testProgram(LEO_FOLDER, folder, leo));
}
