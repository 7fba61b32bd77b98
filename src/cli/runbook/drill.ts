import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { EXIT, UnavailableError } from "../../core/errors.ts";
import { readRunbook } from "../../ops/runbooks/index.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const REHEARSAL = "scripts/checks/runbooks.ts";

/** Rehearses pages one after the other on one stage; all of them where none is named. Returns the exit code. */
export async function drillPages(names: readonly string[]): Promise<number> {
  const pages = names.map((name) => readRunbook(name).name);
  if (!existsSync(resolve(ROOT, REHEARSAL))) {
    throw new UnavailableError(`${REHEARSAL} is not here`, { next: "drills need a whole checkout" });
  }
  const child = spawn(process.execPath, [REHEARSAL, ...pages], { cwd: ROOT, stdio: "inherit" });
  const [code] = await once(child, "close");
  return typeof code === "number" ? code : EXIT.failed;
}
