import { DatabaseSync } from "node:sqlite";

/**
 * Takes a lock that lasts as long as this process, or until it is released: the system itself drops it when the process
 * is gone, however it ended, so there is nothing stale to wait for.
 *
 * SQLite holds it, as a lock on the file's bytes; the file stays empty and stays there.
 *
 * @param file Path of the lock's file; its folder must exist, on a local disk.
 * @returns How to release it; `undefined` while another process holds it.
 */
export function takeProcessLock(file: string): (() => void) | undefined {
  const holder = new DatabaseSync(file);
  try {
    // Nothing is ever written, so no journal is put beside it.
    holder.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    holder.close();
    if (error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
  return () => holder.close();
}

const SQLITE_BUSY = 5;
