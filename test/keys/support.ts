import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KeyProvider } from "../../src/core/ports.ts";
import { type KeyImporter, openKeyProvider, type PassphraseSource } from "../../src/keys/index.ts";

export const PASSPHRASE = "correct horse battery staple";

/** Log2 of scrypt's N in tests: as good as none. */
export const FAST = 2;

export const passphrase = (text: string): PassphraseSource => ({ read: async () => text });

/** A folder that is gone after the test group. */
export function temporaryFolder(): { readonly path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), "proofx-keys-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

export function open(folder: string, text = PASSPHRASE): KeyProvider & KeyImporter {
  return openKeyProvider({ folder, passphrase: passphrase(text), workFactor: FAST });
}

/** Copies the keystore of test/vectors/keys and makes it private. @returns the copy's path. */
export function copyVectors(into: string): string {
  const folder = join(into, "vectors");
  mkdirSync(folder, { mode: 0o700 });
  for (const name of ["one.json", "rfc8032-test-1.json"]) {
    writeFileSync(join(folder, name), readFileSync(new URL(`../vectors/keys/${name}`, import.meta.url)));
    chmodSync(join(folder, name), 0o600);
  }
  return folder;
}

/** What a promise was rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { next?: string }> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("expected a rejection with an error");
}
