import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  constants,
  copyFileSync,
  cpSync,
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { CheckError } from "../../core/errors.ts";
import { findGnd, findPostgres } from "./tools.ts";

/** `nobody`: PostgreSQL refuses to run as root. */
const UNPRIVILEGED = 65_534;

/** A folder in which gnd runs with a PostgreSQL, as another user where this one is root. */
export interface Workplace {
  readonly folder: string;
  readonly gnd: string;
  /** What to spawn gnd with. */
  readonly spawning: {
    readonly cwd: string;
    readonly env: NodeJS.ProcessEnv;
    readonly uid?: number;
    readonly gid?: number;
  };
  remove(): void;
}

/**
 * Copies a built project into a temporary folder, with the programs it wants: another user may not reach ours.
 *
 * @param project Folder with `subgraph.yaml` and `build/`.
 */
export function openWorkplace(project: string): Workplace {
  const folder = mkdtempSync(join(tmpdir(), "proofx-subgraph-"));
  try {
    for (const name of readdirSync(project)) {
      if (name !== "bin") cpSync(join(project, name), join(folder, name), { recursive: true });
    }
    const gnd = join(folder, "gnd");
    copyFileSync(findGnd(), gnd, constants.COPYFILE_FICLONE);
    chmodSync(gnd, 0o755);
    mkdirSync(join(folder, "data"));
    const postgres = join(preparePostgres(folder), "bin");
    const asRoot = process.getuid?.() === 0;
    if (asRoot) giveAway(folder);
    return {
      folder,
      gnd,
      spawning: {
        cwd: folder,
        env: { PATH: `${postgres}:/usr/bin:/bin`, HOME: folder, TMPDIR: folder, LC_ALL: "C" },
        ...(asRoot ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {}),
      },
      remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }),
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** PostgreSQL's programs where gnd may run them. */
function preparePostgres(folder: string): string {
  const { folder: programs, copied } = findPostgres();
  if (!copied) return programs;
  const native = join(folder, "native");
  const ran = spawnSync("cp", ["-a", programs, native], { encoding: "utf8" });
  if (ran.status !== 0) throw new CheckError(`PostgreSQL could not be copied: ${ran.stderr}`);
  const links = readFileSync(join(native, "pg-symlinks.json"), "utf8");
  for (const { source, target } of JSON.parse(links) as { source: string; target: string }[]) {
    const link = join(folder, target);
    if (existsSync(link)) continue;
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(folder, source), link);
  }
  return native;
}

/** Programs and libraries stay root's; what gnd writes to is its user's. */
function giveAway(folder: string): void {
  chmodSync(folder, 0o755);
  chownSync(folder, UNPRIVILEGED, UNPRIVILEGED);
  const change = (path: string): void => {
    lchownSync(path, UNPRIVILEGED, UNPRIVILEGED);
    for (const entry of readdirSync(path, { withFileTypes: true }))
      if (entry.isDirectory()) change(join(path, entry.name));
      else lchownSync(join(path, entry.name), UNPRIVILEGED, UNPRIVILEGED);
  };
  for (const name of ["data", "build", "tests"])
    if (existsSync(join(folder, name))) change(join(folder, name));
}
