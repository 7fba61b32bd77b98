import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { openPglite } from "../../src/sequencer/store/pglite.ts";
import { STORY } from "./context.ts";

/** Where `openPglite` keeps the database in its folder. */
const DATA = "pglite";

/**
 * Lays an empty database cluster into the folder of a log that is not there yet. PGlite takes seconds to make one, so it is made
 * once for each version of PGlite and kept; the schema and all that is in it come from `proofx log init`, every time.
 */
export async function layCluster(folder: string): Promise<void> {
  const kept = join(STORY, "cluster", pgliteVersion());
  if (!existsSync(kept)) await makeCluster(kept);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  cpSync(kept, join(folder, DATA), { recursive: true });
}

/** Under another name until it is whole. Those of other versions go. */
async function makeCluster(kept: string): Promise<void> {
  const making = `${kept}.making`;
  rmSync(dirname(kept), { recursive: true, force: true });
  const store = await openPglite(making);
  await store.close();
  renameSync(join(making, DATA), kept);
  rmSync(making, { recursive: true });
}

function pgliteVersion(): string {
  const main = createRequire(import.meta.url).resolve("@electric-sql/pglite");
  const { version } = JSON.parse(readFileSync(join(main, "../../package.json"), "utf8")) as {
    version: string;
  };
  return version;
}
