import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type * as Pkcs11js from "pkcs11js";
import { UnavailableError } from "../../core/errors.ts";

/** The package `pkcs11js`, which speaks to a token's library. */
export type Binding = typeof Pkcs11js;

/** Where `scripts/setup/build-pkcs11.ts` puts the package with its compiled half; one for each platform. */
export const BUILT_BINDING = fileURLToPath(
  new URL(`../../../build/native/${process.platform}-${process.arch}/node_modules/pkcs11js`, import.meta.url),
);

/**
 * The PKCS#11 binding: as npm compiled it, or else as our own script did.
 *
 * npm compiles it only where install scripts are allowed, and then fetches Node's headers; ours uses headers that are here.
 *
 * @throws UnavailableError saying how to get it.
 */
export function loadBinding(): Binding {
  const tried: unknown[] = [];
  // Found by name from within the copy, too: it lies in a folder called node_modules.
  for (const from of [import.meta.url, join(BUILT_BINDING, "index.js")]) {
    try {
      return createRequire(from)("pkcs11js") as Binding;
    } catch (cause) {
      tried.push(cause);
    }
  }
  throw new UnavailableError("the PKCS#11 binding is not compiled on this machine", {
    cause: new AggregateError(tried),
    next: "npx node scripts/setup/build-pkcs11.ts (it wants a C++ compiler: apt-get install g++)",
  });
}
