import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { STORY_ENVIRONMENT } from "./command.ts";
import { PATHS } from "./context.ts";

/** Clears the last story away and lays out an empty one, with a passphrase of its own for its keystore. */
export function prepare(): void {
  for (const path of [PATHS.keys, PATHS.deployments, PATHS.work, PATHS.logs, PATHS.passphrase, PATHS.log]) {
    rmSync(path, { recursive: true, force: true });
  }
  for (const folder of [PATHS.keys, PATHS.work, PATHS.logs])
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(PATHS.passphrase, randomBytes(24).toString("base64url"), { mode: 0o600 });
  const exports = Object.entries(STORY_ENVIRONMENT).map(
    ([name, path]) => `export ${name}="${resolve(path)}"`,
  );
  writeFileSync(PATHS.env, `${exports.join("\n")}\n`);
}
