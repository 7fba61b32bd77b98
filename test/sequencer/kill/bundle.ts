import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** A program in one file. */
export interface Bundle {
  readonly path: string;
  remove(): void;
}

/** What finds files beside itself, a database and a library in C, stays where npm put it. */
const EXTERNAL = ["@electric-sql/pglite", "@electric-sql/pglite-prepopulatedfs", "sodium-native"];
/** Packages written for `require` find it. */
const REQUIRE =
  'import { createRequire as packagesOf } from "node:module"; const require = packagesOf(import.meta.url);';

/** What a sequencer reads beside the module that wants it. */
const MIGRATIONS = fileURLToPath(new URL("../../../src/sequencer/store/migrations", import.meta.url));

/** Puts a module and all that it loads into one file: it loads in a third of the time, which counts when it is begun 200 times. */
export async function bundle(module: URL): Promise<Bundle> {
  // Within the project, where the packages that stay outside are found.
  const within = fileURLToPath(new URL("../../../build/test/", import.meta.url));
  mkdirSync(within, { recursive: true });
  const folder = mkdtempSync(join(within, "killed-"));
  const path = join(folder, "process.mjs");
  await build({
    entryPoints: [fileURLToPath(module)],
    outfile: path,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node22",
    external: EXTERNAL,
    banner: { js: REQUIRE },
    logLevel: "error",
  });
  cpSync(MIGRATIONS, join(folder, "migrations"), { recursive: true });
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
