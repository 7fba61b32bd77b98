import { homedir } from "node:os";
import { join } from "node:path";
import type { KeyProvider } from "../../src/core/ports.ts";
import { openKeyProvider } from "../../src/keys/index.ts";

let opened: KeyProvider | undefined;

/** Folder of the encrypted keystore: `PROOFX_KEYS`, or `.proofx/keys` in the home folder. */
export function keysFolder(): string {
  return process.env.PROOFX_KEYS ?? join(homedir(), ".proofx", "keys");
}

/** The keystore, opened once a process so that its passphrase is asked for once. */
export function openKeys(): KeyProvider {
  opened ??= openKeyProvider({ folder: keysFolder() });
  return opened;
}
