import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { UnavailableError } from "../core/errors.ts";

/** glibc the development ledger's program was linked against; 2.36 (Debian 12) is too old for it. */
const NEEDED_GLIBC = [2, 38] as const;
const PACKAGE = "@provablehq/aleo-devnode-linux-x64";
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Where `proofx aleo runtime` puts newer libraries, for a system whose own are too old. */
export const RUNTIME_FOLDER = join(ROOT, "build", "aleo-runtime");
/** Written last, so that a folder without it was never finished. */
export const RUNTIME_MARKER = "complete.json";
const LOADER = "ld-linux-x86-64.so.2";

/** How the development ledger's program is started. */
export interface DevnodeProgram {
  readonly command: string;
  /** Before the program's own arguments. */
  readonly args: readonly string[];
  /** `system` or `fallback`: whose libraries it runs on. */
  readonly libraries: "system" | "fallback";
}

/** What decides how the program can run; by default this machine. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
  /** `2.36`; undefined on a system with another C library. */
  readonly glibc: string | undefined;
  /** The program; undefined when its package is not installed. */
  readonly binary: string | undefined;
  /** Folder of the fallback's libraries. */
  readonly runtime: string;
}

export function thisMachine(): Machine {
  return {
    platform: process.platform,
    arch: process.arch,
    glibc: systemGlibc(),
    binary: devnodeBinary(),
    runtime: RUNTIME_FOLDER,
  };
}

/**
 * Finds the development ledger's program and the libraries it runs on. Downloads nothing.
 *
 * @throws UnavailableError that says what this machine lacks and how to get it.
 */
export function findDevnode(machine: Machine = thisMachine()): DevnodeProgram {
  const { binary } = requireBinary(machine);
  if (isNewEnough(machine.glibc)) return { command: binary, args: [], libraries: "system" };
  const libraries = fallbackLibraries(machine.runtime);
  if (libraries === undefined) {
    throw new UnavailableError(
      `the Aleo development ledger wants glibc ${NEEDED_GLIBC.join(".")}, and this system has ${machine.glibc ?? "another C library"}`,
      { next: "npx proofx aleo runtime   (takes newer libraries from Debian into build/aleo-runtime)" },
    );
  }
  return {
    command: join(libraries, LOADER),
    args: ["--library-path", libraries, binary],
    libraries: "fallback",
  };
}

/** Whether the system's own libraries suffice. */
export function isNewEnough(glibc: string | undefined): boolean {
  const [major, minor] = (glibc ?? "").split(".").map(Number);
  if (major === undefined || minor === undefined) return false;
  return major > NEEDED_GLIBC[0] || (major === NEEDED_GLIBC[0] && minor >= NEEDED_GLIBC[1]);
}

/** @throws UnavailableError unless the program itself is here. */
export function requireBinary({ platform, arch, binary }: Machine): { readonly binary: string } {
  if (binary !== undefined) return { binary };
  if (platform === "linux" && arch === "x64") {
    throw new UnavailableError(`the package ${PACKAGE} is not installed`, {
      next: "npm ci   (without --omit=optional)",
    });
  }
  throw new UnavailableError(
    `the Aleo development ledger runs on Linux x64, and this is ${platform} ${arch}`,
    {
      next: "use a ledger that runs elsewhere: --ledger URL",
    },
  );
}

/** Folder of the fallback's libraries; undefined unless it was made to its end. */
export function fallbackLibraries(runtime: string): string | undefined {
  const libraries = join(runtime, "root", "usr", "lib", "x86_64-linux-gnu");
  const whole = existsSync(join(runtime, RUNTIME_MARKER)) && existsSync(join(libraries, LOADER));
  return whole ? libraries : undefined;
}

function devnodeBinary(): string | undefined {
  try {
    const manifest = createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`);
    const binary = join(dirname(manifest), "bin", "aleo-devnode");
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}

function systemGlibc(): string | undefined {
  const report: unknown = process.report?.getReport();
  const header =
    typeof report === "object" && report !== null && "header" in report ? report.header : undefined;
  if (typeof header !== "object" || header === null || !("glibcVersionRuntime" in header)) return undefined;
  return typeof header.glibcVersionRuntime === "string" ? header.glibcVersionRuntime : undefined;
}
