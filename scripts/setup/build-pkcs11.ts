import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type ErrorParts, errorCode, ProofXError, UnavailableError } from "../../src/core/errors.ts";
import { BUILT_BINDING } from "../../src/keys/pkcs11/native.ts";

/**
 * Compiles the native half of `pkcs11js` into `build/native`, from its sources in node_modules and Node's headers on this
 * machine. It downloads nothing, and a finished build of the same version is left alone.
 *
 * `npx node scripts/setup/build-pkcs11.ts`; the compiler is CXX, or c++.
 */
const FLAGS: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: ["-shared", "-fPIC"],
  darwin: ["-bundle", "-undefined", "dynamic_lookup"],
};

const require = createRequire(import.meta.url);

try {
  main();
} catch (error) {
  if (!(error instanceof ProofXError)) throw error;
  console.error(`${error.name}: ${error.message}`);
  if (error.next !== undefined) console.error(`Next: ${error.next}`);
  process.exitCode = error.exitCode;
}

function main(): void {
  const { folder, version } = sources();
  if (versionIn(BUILT_BINDING) === version) {
    console.log(`pkcs11js ${version} is compiled: ${BUILT_BINDING}`);
    return;
  }
  const headers = findHeaders();
  const work = workFolder();
  try {
    cpSync(folder, work, { recursive: true });
    compile(folder, headers, join(work, "build", "Release"));
    require(work);
    // A temporary folder is its maker's alone; a service runs as somebody else.
    chmodSync(work, 0o755);
    rmSync(BUILT_BINDING, { recursive: true, force: true });
    renameSync(work, BUILT_BINDING);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  console.log(`pkcs11js ${version} compiled with the headers in ${headers}: ${BUILT_BINDING}`);
}

/** Beside the place it goes to: it appears there whole or not at all. */
function workFolder(): string {
  try {
    mkdirSync(dirname(BUILT_BINDING), { recursive: true });
    return mkdtempSync(`${BUILT_BINDING}.`);
  } catch (cause) {
    throw unavailable(
      `${dirname(BUILT_BINDING)} cannot be written (${errorCode(cause)})`,
      "run this as the user who owns the checkout",
      { cause },
    );
  }
}

function sources(): { folder: string; version: string } {
  let packageFile: string;
  try {
    packageFile = require.resolve("pkcs11js/package.json");
  } catch (cause) {
    throw unavailable(
      "the package pkcs11js is not installed",
      "npm install --no-save --ignore-scripts pkcs11js@2.1.7",
      { cause },
    );
  }
  const folder = dirname(packageFile);
  return { folder, version: versionIn(folder) ?? "" };
}

function versionIn(folder: string): string | undefined {
  const file = join(folder, "package.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).version : undefined;
}

/** Node-API does not change with Node's version, so the headers of another Node do as well. */
function findHeaders(): string {
  const places = [
    join(dirname(process.execPath), "..", "include", "node"),
    ...packageHeaders(`node-${process.platform}-${process.arch}`, "include/node"),
    ...packageHeaders("node-api-headers", "include"),
    "/usr/include/node",
    "/usr/include/nodejs/src",
    "/usr/local/include/node",
  ];
  const found = places.find((place) => existsSync(join(place, "node_api.h")));
  if (found !== undefined) return found;
  throw unavailable(
    `node_api.h is in none of ${places.join(", ")}`,
    "npm ci, without --omit=optional (the Node it brings has its headers), or apt-get install libnode-dev",
  );
}

function packageHeaders(name: string, folder: string): string[] {
  try {
    return [join(dirname(require.resolve(`${name}/package.json`)), folder)];
  } catch {
    return [];
  }
}

function compile(folder: string, headers: string, into: string): void {
  const platform = FLAGS[process.platform];
  if (platform === undefined) {
    throw unavailable(
      `no way is known to compile it on ${process.platform}`,
      "let npm do it: npm rebuild pkcs11js",
    );
  }
  mkdirSync(into, { recursive: true });
  const compiler = process.env.CXX ?? "c++";
  const args = [
    "-std=c++17",
    "-O2",
    ...platform,
    "-DNAPI_DISABLE_CPP_EXCEPTIONS",
    "-DNODE_GYP_MODULE_NAME=pkcs11",
    "-DBUILDING_NODE_EXTENSION",
    `-I${headers}`,
    `-I${join(folder, "includes")}`,
    "-o",
    join(into, "pkcs11.node"),
    ...["main.cpp", "common.cpp"].map((file) => join(folder, "src", file)),
  ];
  const { error, status, stderr } = spawnSync(compiler, args, { encoding: "utf8" });
  if (error !== undefined) {
    throw unavailable(
      `the C++ compiler ${compiler} does not start`,
      "apt-get install g++, or set CXX to a compiler",
      { cause: error },
    );
  }
  if (status === 0) return;
  throw unavailable(`${compiler} ended with ${status}:\n${stderr}`, "set CXX to another C++17 compiler");
}

function unavailable(message: string, next: string, parts: ErrorParts = {}): UnavailableError {
  return new UnavailableError(`PKCS#11 binding: ${message}`, { ...parts, next });
}
