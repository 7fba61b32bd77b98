import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A folder of its own with the given files, gone after the test that made it. */
export interface Planted extends Disposable {
  readonly root: string;
  readonly files: string[];
}

/** Writes `files` (path to text) into a new temporary folder. */
export function plant(files: Readonly<Record<string, string>>): Planted {
  const root = mkdtempSync(join(tmpdir(), "proofx-planted-"));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(root, dirname(file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return {
    root,
    files: Object.keys(files),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}
