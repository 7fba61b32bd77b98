// The circuit compiler, kept up for one circuit after the other. Started as `npx circom2` for each, its nine megabytes of WebAssembly
// would be made into code anew, which takes longer than most compilations here.
import fs from "node:fs";
import { createRequire } from "node:module";
import { dirname, relative } from "node:path";
import process from "node:process";
import type { Compiled } from "./compiler.ts";

interface Runner {
  execute(code: Uint8Array): Promise<unknown>;
}
interface Circom2 {
  readonly CircomRunner: new (options: object) => Runner;
  readonly bindings: object;
}

const load = createRequire(import.meta.url);
const { CircomRunner, bindings } = load("circom2") as Circom2;
const code = fs.readFileSync(load.resolve("circom2/circom.wasm"));

/** Each folder from here to the root, by the way to it: the compiler sees no other, as in circom2's own command line. */
function foldersAbove(): Record<string, string> {
  const folders: Record<string, string> = {};
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    const way = relative(process.cwd(), folder) || ".";
    folders[way] = way;
    if (folder === dirname(folder)) return folders;
  }
}

async function compile(words: readonly string[]): Promise<Compiled> {
  let output = "";
  const writeSync = (fd: number, bytes: Uint8Array, offset: number, length: number, at: number | null) => {
    if (fd !== 1 && fd !== 2) return fs.writeSync(fd, bytes, offset, length, at);
    output += Buffer.from(bytes.buffer, bytes.byteOffset + offset, length).toString();
    return length;
  };
  const runner = new CircomRunner({
    args: words.map((word) => (word.startsWith("-") ? word : relative(process.cwd(), word))),
    env: process.env,
    preopens: foldersAbove(),
    bindings: { ...bindings, fs: { ...fs, writeSync } },
  });
  return await runner.execute(code).then(
    () => ({ ok: true, output }),
    (error: unknown) => ({ ok: false, output: `${output}${error instanceof Error ? error.message : error}` }),
  );
}

process.on("message", async (words: readonly string[]) => {
  process.send?.(await compile(words));
});
