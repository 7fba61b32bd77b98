import { chmodSync, closeSync, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import type { PartFile } from "./collect.ts";

const MAGIC = "SQLite format 3\0";

/**
 * Takes a copy of every SQLite database among files, as it is at one moment: read byte by byte, one that is being written to would be torn.
 *
 * @param folder Of the copies; whoever made it removes it.
 */
export async function copyDatabases(files: readonly PartFile[], folder: string): Promise<PartFile[]> {
  const copied: PartFile[] = [];
  for (const [i, file] of files.entries()) {
    if (!isDatabase(file.path)) {
      copied.push(file);
      continue;
    }
    const path = join(folder, `database-${i}`);
    const source = new DatabaseSync(file.path, { readOnly: true });
    try {
      await backup(source, path);
    } finally {
      source.close();
    }
    chmodSync(path, statSync(file.path).mode & 0o777);
    copied.push({ ...file, path });
  }
  return copied;
}

function isDatabase(path: string): boolean {
  const file = openSync(path, "r");
  try {
    const start = Buffer.alloc(MAGIC.length);
    return readSync(file, start, 0, MAGIC.length, 0) === MAGIC.length && start.toString("latin1") === MAGIC;
  } finally {
    closeSync(file);
  }
}
