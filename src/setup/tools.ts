import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";

/** Versions of what a setup is made with, for its transcript. */
export async function toolVersions(): Promise<{ node: string; snarkjs: string }> {
  const main = createRequire(import.meta.url).resolve("snarkjs");
  const text = await readFile(join(main, "../../package.json"), "utf8");
  return { node: process.version, snarkjs: (JSON.parse(text) as { version: string }).version };
}
