import { builtinModules } from "node:module";
import { posix } from "node:path";
import { globalsUsed, type ImportUse, importsOf } from "./imports.ts";
import {
  BROWSER_ROOMS,
  BROWSER_SAFE_PACKAGES,
  DOMAINS,
  GENERATED_TYPES,
  isHardhat,
  NODE_GLOBALS,
  ROOMS,
  SIBLINGS,
} from "./rooms.ts";
import { type Fault, parseSource } from "./support/sources.ts";

const CODE = /\.(ts|mts|cts|js|mjs|cjs)$/;
const LONGEST_FIRST = [...ROOMS].sort((a, b) => b.path.length - a.path.length);
const BUILTINS = new Set(builtinModules);
/** Declarations of the `proofx` command. */
const COMMANDS = "src/cli/commands";

/**
 * Breaches of the import directions (`rooms.ts`) among `files`, paths relative to `root`.
 *
 * Rules: `layers`, `domains-apart`, `siblings-apart`, `sdk-alone`, `no-hardhat-in-src`, `browser-safe`, `types-only`, `computed-import`,
 * `late`.
 */
export function findBreaches(root: string, files: readonly string[]): Fault[] {
  return files.filter((file) => CODE.test(file)).flatMap((file) => breachesOf(root, file));
}

function breachesOf(root: string, file: string): Fault[] {
  const source = parseSource(root, file);
  const faults: Fault[] = [];
  const room = roomOf(file);
  for (const use of importsOf(source)) {
    const breach = breachOf(file, room, use);
    if (breach !== undefined) faults.push({ file, line: use.line, ...breach });
  }
  if (room !== undefined && BROWSER_ROOMS.includes(room)) {
    for (const { name, line } of globalsUsed(source, NODE_GLOBALS)) {
      faults.push({
        file,
        line,
        rule: "browser-safe",
        message: `${room} uses ${name}, which a browser does not have`,
      });
    }
  }
  return faults;
}

type Breach = Pick<Fault, "rule" | "message">;

function breachOf(file: string, room: string | undefined, use: ImportUse): Breach | undefined {
  const { specifier } = use;
  if (specifier === undefined) {
    return file.startsWith("src/")
      ? {
          rule: "computed-import",
          message: "the imported name is computed, so nobody can check where it leads",
        }
      : undefined;
  }
  if (specifier.startsWith(".") || specifier.startsWith("/")) return localBreach(file, room, use, specifier);
  return packageBreach(file, room, specifier);
}

function localBreach(
  file: string,
  room: string | undefined,
  use: ImportUse,
  specifier: string,
): Breach | undefined {
  const target = posix.normalize(posix.join(posix.dirname(file), specifier));
  if (inside(target, GENERATED_TYPES)) {
    return use.typeOnly
      ? undefined
      : { rule: "types-only", message: `${target} is generated: use \`import type\`, or read the artifact` };
  }
  // JSON (package.json, circuits/constraints.json, ...) is data that anyone may read.
  if (room === undefined || target.endsWith(".json")) return undefined;
  if (
    SIBLINGS.some(
      ([a, b]) => (inside(file, a) && inside(target, b)) || (inside(file, b) && inside(target, a)),
    )
  ) {
    return { rule: "siblings-apart", message: `${target} is used by whoever composes both, not from here` };
  }
  if (loadsEarly(file, target, use)) {
    return {
      rule: "late",
      message: `${target} would be loaded with every command: import("…") it in the action that needs it`,
    };
  }
  const goal = roomOf(target);
  const on = ROOMS.find((each) => each.path === room)?.on ?? [];
  if (goal === room || on === "anything" || (goal !== undefined && on.includes(goal))) return undefined;
  return { rule: layerRule(room, goal), message: `${room} may not import ${target}; ${standsOn(on)}` };
}

/** Declarations are all loaded, whichever command is typed; what the commands do is loaded by the one that does it. */
function loadsEarly(file: string, target: string, { typeOnly, late }: ImportUse): boolean {
  return (
    inside(file, COMMANDS) &&
    !typeOnly &&
    !late &&
    !inside(target, COMMANDS) &&
    target !== "src/core/errors.ts"
  );
}

function layerRule(room: string, goal: string | undefined): string {
  const domains: readonly string[] = DOMAINS;
  if (goal !== undefined && domains.includes(room) && domains.includes(goal)) return "domains-apart";
  return room === "src/sdk" ? "sdk-alone" : "layers";
}

function standsOn(on: readonly string[]): string {
  return on.length === 0 ? "it stands on nothing" : `it stands on ${on.join(", ")}`;
}

function packageBreach(file: string, room: string | undefined, specifier: string): Breach | undefined {
  const name = packageName(specifier);
  if (file.startsWith("src/") && isHardhat(name)) {
    return {
      rule: "no-hardhat-in-src",
      message: `src never imports Hardhat (${specifier}); tasks hand clients in`,
    };
  }
  if (room === undefined || !BROWSER_ROOMS.includes(room)) return undefined;
  if (specifier.startsWith("node:") || BUILTINS.has(name)) {
    return { rule: "browser-safe", message: `${room} imports the Node built-in ${specifier}` };
  }
  return BROWSER_SAFE_PACKAGES.has(name)
    ? undefined
    : {
        rule: "browser-safe",
        message: `${room} imports ${name}, which is not on the list of browser-safe packages`,
      };
}

function packageName(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

/** The room a file is in, the longest path first; undefined for what is in none. */
function roomOf(file: string): string | undefined {
  return LONGEST_FIRST.find(({ path }) => inside(file, path))?.path ?? unknownRoom(file);
}

/** A folder under src/ that the table does not know is a room that stands on nothing, until somebody decides. */
function unknownRoom(file: string): string | undefined {
  const [top, second] = file.split("/");
  return top === "src" && second !== undefined ? `src/${second}` : undefined;
}

function inside(file: string, folder: string): boolean {
  return file === folder || file.startsWith(`${folder}/`);
}
