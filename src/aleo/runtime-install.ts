import { execFile } from "node:child_process";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { writeFileDurably } from "../chain/files.ts";
import { UnavailableError } from "../core/errors.ts";
import {
  fallbackLibraries,
  findDevnode,
  isNewEnough,
  type Machine,
  RUNTIME_MARKER,
  requireBinary,
  thisMachine,
} from "./runtime.ts";

const run = promisify(execFile);

/** What the development ledger's program links against, from the first Debian whose C library is new enough. */
const SUITE = "trixie";
const PACKAGES = ["libc6", "libstdc++6", "libgcc-s1", "libssl3t64"] as const;
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
const SOURCE = `deb [arch=amd64 signed-by=${KEYRING}] http://deb.debian.org/debian ${SUITE} main\n`;
/** One download may take this long; milliseconds. */
const TIMEOUT = 600_000;

export interface InstallOptions {
  readonly machine?: Machine;
  /** PATH on which apt-get and dpkg-deb are looked up. */
  readonly path?: string | undefined;
  readonly keyring?: string;
  readonly onProgress?: (line: string) => void;
}

export interface Installed {
  /** `system`: its own libraries suffice; `present`: made before; `made`: just now. */
  readonly outcome: "system" | "present" | "made";
  /** Folder of the libraries; undefined for `system`. */
  readonly libraries: string | undefined;
}

/**
 * Sees to it that the development ledger runs on this machine: where the system's libraries are too old, it takes newer ones
 * from Debian with apt, which checks their signatures, into a folder of their own. The system is not changed, and nobody has to be root.
 *
 * It can be repeated, and interrupted: what was not finished counts for nothing.
 *
 * @throws UnavailableError when the machine has no apt, or Debian does not answer.
 */
export async function installRuntime(options: InstallOptions = {}): Promise<Installed> {
  const { machine = thisMachine(), path = process.env.PATH, keyring = KEYRING, onProgress } = options;
  const { binary } = requireBinary(machine);
  if (isNewEnough(machine.glibc)) return { outcome: "system", libraries: undefined };
  const present = fallbackLibraries(machine.runtime);
  if (present !== undefined) return { outcome: "present", libraries: present };

  requireTools(machine, path, keyring);
  const parent = dirname(machine.runtime);
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, "aleo-runtime.unfinished-"));
  try {
    const files = await download(folder, onProgress);
    onProgress?.(`unpacking ${files.length} packages`);
    for (const file of files)
      await tool("dpkg-deb", ["-x", join(folder, "debs", file), join(folder, "root")], folder);
    rmSync(join(folder, "apt"), { recursive: true });
    rmSync(join(folder, "debs"), { recursive: true });
    writeFileDurably(
      join(folder, RUNTIME_MARKER),
      `${JSON.stringify({ suite: SUITE, packages: files }, null, 2)}\n`,
    );
    await requireRunning({ ...machine, binary, runtime: folder });
    settle(folder, machine.runtime);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { outcome: "made", libraries: fallbackLibraries(machine.runtime) };
}

/** Downloads the packages with an apt whose state is all in the folder. @returns file names of what apt checked. */
async function download(folder: string, onProgress?: (line: string) => void): Promise<string[]> {
  const apt = join(folder, "apt");
  for (const each of ["lists/partial", "cache/archives/partial", "state"])
    mkdirSync(join(apt, each), { recursive: true });
  mkdirSync(join(folder, "debs"));
  writeFileSync(join(apt, "sources.list"), SOURCE);
  writeFileSync(join(apt, "status"), "");
  const settings = [
    `Dir::Etc::sourcelist=${join(apt, "sources.list")}`,
    "Dir::Etc::sourceparts=-",
    `Dir::State=${join(apt, "state")}`,
    `Dir::State::lists=${join(apt, "lists")}`,
    `Dir::State::status=${join(apt, "status")}`,
    `Dir::Cache=${join(apt, "cache")}`,
    "APT::Architecture=amd64",
    // As root apt would become another user, who cannot write here.
    "APT::Sandbox::User=root",
    "Acquire::Languages=none",
    "Acquire::Retries=3",
  ].flatMap((setting) => ["-o", setting]);
  onProgress?.(`asking Debian ${SUITE} for its list of packages`);
  await tool("apt-get", [...settings, "update"], folder);
  onProgress?.(`downloading ${PACKAGES.join(", ")}`);
  await tool("apt-get", [...settings, "download", ...PACKAGES], join(folder, "debs"));
  const files = readdirSync(join(folder, "debs")).filter((file) => file.endsWith(".deb"));
  if (files.length === PACKAGES.length) return files.sort();
  throw new UnavailableError(`apt gave ${files.length} of ${PACKAGES.length} packages`, {
    next: "run this again",
  });
}

async function tool(command: string, args: readonly string[], cwd: string): Promise<void> {
  try {
    await run(command, [...args], { cwd, timeout: TIMEOUT, maxBuffer: 1 << 24 });
  } catch (cause) {
    const said = cause instanceof Error && "stderr" in cause ? String(cause.stderr) : "";
    const lines = said.split("\n").filter((line) => /^(E|W|Err|dpkg-deb):/.test(line));
    throw new UnavailableError(
      `${command} failed: ${lines[0] ?? (cause instanceof Error ? cause.message.split("\n")[0] : "")}`,
      {
        next: "check that http://deb.debian.org can be reached, and run this again",
        cause,
      },
    );
  }
}

/** @throws UnavailableError when the program does not start on the new libraries. */
async function requireRunning(machine: Machine): Promise<void> {
  const { command, args } = findDevnode({ ...machine, glibc: "0.0" });
  await tool(command, [...args, "--version"], dirname(machine.runtime));
}

/** Puts the finished folder in its place; one that is finished already, by another process, stays. */
function settle(folder: string, place: string): void {
  if (fallbackLibraries(place) !== undefined) return;
  rmSync(place, { recursive: true, force: true });
  try {
    renameSync(folder, place);
  } catch (error) {
    if (fallbackLibraries(place) === undefined) throw error;
  }
}

function requireTools({ glibc }: Machine, path: string | undefined, keyring: string): void {
  const folders = (path ?? "").split(delimiter).filter((folder) => folder !== "");
  const missing = ["apt-get", "dpkg-deb"].find(
    (name) => !folders.some((folder) => isProgram(join(folder, name))),
  );
  if (missing !== undefined) {
    throw new UnavailableError(
      `the Aleo development ledger wants glibc 2.38, this system has ${glibc ?? "another C library"}, and without ${missing} newer libraries cannot be had`,
      {
        next: "use Linux with glibc 2.38 (Debian 13, Ubuntu 24.04), or a ledger that runs elsewhere: --ledger URL",
      },
    );
  }
  if (existsSync(keyring)) return;
  throw new UnavailableError(
    `Debian's keys are not here (${keyring}), so nobody could check what comes from it`,
    {
      next: "apt-get install debian-archive-keyring",
    },
  );
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
