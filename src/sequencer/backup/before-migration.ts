import { join } from "node:path";
import { CheckError } from "../../core/errors.ts";
import type { Store } from "../store/index.ts";
import { takeBackup } from "./take.ts";
import { verifyBackup } from "./verify.ts";

/** Where backups go unless something else is said. */
export const BACKUP_FOLDER = ".proofx/backups";

/** A backup's name: when it was taken, and what for. */
export const backupName = (now: number, what: string): string =>
  `${new Date(now).toISOString().replace(/[:.]/g, "-")}-${what}.proofx-backup.gz`;

/**
 * The `backup` of `migrate`: takes one and reads it back before a step may run.
 *
 * @throws CheckError when what was read back is wrong; then the step does not run.
 */
export function backupBeforeMigration(
  store: Store,
  { folder = BACKUP_FOLDER, now = Date.now }: { readonly folder?: string; readonly now?: () => number } = {},
): (before: string) => Promise<void> {
  return async (before) => {
    const { log, keys } = await takeBackup(store, join(folder, backupName(now(), `before-${before}`)));
    const verified = await verifyBackup(log.path);
    await verifyBackup(keys.path);
    if (verified.content !== "log") throw new CheckError(`${log.path} is no backup of the log`);
  };
}
