import { readFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Fault } from "./support/sources.ts";

/** A text that must not be committed. */
export interface Forbidden {
  readonly what: string;
  readonly pattern: RegExp;
}

const BINARY = /\.(ptau|zkey|wasm|r1cs|wtns|png|ico)$/;
/** A path starts here: what is before it belongs to no longer path or word. */
const START = String.raw`(?<![\w.~/-])`;

/**
 * What ties a file to one machine: the folder of this checkout and the one round it, people's homes, and the registry
 * that npm is set to use here when it is not the public one. Computed, so that no such name is written down here.
 */
export function machineNames(root: string, registry = process.env.npm_config_registry): Forbidden[] {
  const shared = new Set(["/", tmpdir(), "/tmp", "/var/tmp"]);
  const folders = [root, dirname(root), homedir()].filter((folder) => !shared.has(folder));
  return [
    ...[...new Set(folders)].map((folder) => ({
      what: "a folder of the machine it was written on",
      pattern: new RegExp(`${START}${escaped(folder)}(?![\\w.-])`),
    })),
    { what: "somebody's home folder", pattern: new RegExp(`${START}/(?:home|Users)/[a-z]\\w*/`) },
    ...registryNames(registry),
  ];
}

function registryNames(registry: string | undefined): Forbidden[] {
  const host = registry === undefined ? "" : new URL(registry).hostname;
  if (host === "" || host === "registry.npmjs.org" || host === "localhost" || host.startsWith("127."))
    return [];
  return [{ what: "the host of a private registry", pattern: new RegExp(escaped(host)) }];
}

/** Lines of `files` (relative to `root`) that hold a forbidden text. */
export function findForbidden(
  root: string,
  files: readonly string[],
  forbidden: readonly Forbidden[],
): Fault[] {
  const text = files.filter((file) => !BINARY.test(file));
  return text.flatMap((file) =>
    readFileSync(join(root, file), "utf8")
      .split("\n")
      .flatMap((line, i) => {
        const found = forbidden.find(({ pattern }) => pattern.test(line));
        return found === undefined
          ? []
          : [{ file, line: i + 1, rule: "machine-names", message: `names ${found.what}` }];
      }),
  );
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
