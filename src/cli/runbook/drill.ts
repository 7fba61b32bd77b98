import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { EXIT, UnavailableError } from "../../core/errors.ts";
import { readRunbook } from "../../ops/runbooks/index.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const REHEARSAL = "scripts/checks/runbooks.ts";

/** Rehearses one page by the program that rehearses all of them in the tests. Returns its exit code. */
export async function drillPage(name: string): Promise<number> {
  const page = readRunbook(name);
  if (!existsSync(resolve(ROOT, REHEARSAL))) {
    throw new UnavailableError(`${REHEARSAL} is not here`, { next: "drills need a whole checkout" });
  }
  const child = spawn(process.execPath, [REHEARSAL, page.name], { cwd: ROOT, stdio: "inherit" });
  const [code] = await once(child, "close");
  return typeof code === "number" ? code : EXIT.failed;
}
