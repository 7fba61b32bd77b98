import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readFields } from "../../core/json.ts";

/** Licences whose works may be part of one under GPL-3.0-only (SPDX). */
const COMPATIBLE: ReadonlySet<string> = new Set([
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "CC0-1.0",
  "GPL-3.0",
  "GPL-3.0-only",
  "GPL-3.0-or-later",
  "ISC",
  "LGPL-3.0",
  "LGPL-3.0-only",
  "LGPL-3.0-or-later",
  "MIT",
  "MIT-0",
  "MPL-2.0",
  // Of fonts: they lie beside the program, and documents that embed them are free of it.
  "OFL-1.1",
  "Python-2.0",
  "Unlicense",
  "WTFPL",
  "Zlib",
]);

/** Packages that name their licence in no field, and where it is found. */
const STATED: Readonly<Record<string, string>> = {
  "@graphprotocol/graph-ts": "MIT OR Apache-2.0",
  "@nomicfoundation/ignition-ui": "MIT",
  esprima: "BSD-2-Clause",
  memorystream: "MIT",
  "png-js": "MIT",
  "xmlhttprequest-ssl": "MIT",
};

const lockFile = z.looseObject({
  packages: z.record(
    z.string(),
    z.looseObject({ version: z.string().optional(), license: z.string().optional() }),
  ),
});

/** A package whose licence does not go with ours, or is not known. */
export interface LicenceFinding {
  readonly name: string;
  readonly version: string;
  /** As it is stated; `none` where it is not. */
  readonly licence: string;
}

/** Every installed package's licence against ours, from the lock file. */
export function checkLicences(root: string): {
  readonly packages: number;
  readonly findings: readonly LicenceFinding[];
} {
  const path = join(root, "package-lock.json");
  const { packages } = readFields(lockFile, JSON.parse(readFileSync(path, "utf8")), path);
  const entries = Object.entries(packages).filter(([place]) => place !== "");
  const findings = entries.flatMap(([place, { version = "", license }]) => {
    const name = place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length);
    const licence = license ?? STATED[name] ?? "none";
    return isCompatible(licence) ? [] : [{ name, version, licence }];
  });
  return { packages: entries.length, findings };
}

/** Whether an SPDX expression leaves a licence that goes with ours: one side of OR, both of AND. */
export function isCompatible(expression: string): boolean {
  const bare = expression.trim().replace(/^\((.*)\)$/, "$1");
  if (bare.includes(" OR ")) return bare.split(" OR ").some(isCompatible);
  if (bare.includes(" AND ")) return bare.split(" AND ").every(isCompatible);
  // An exception only grants more.
  return COMPATIBLE.has(bare.split(" WITH ")[0] ?? "");
}
