import { backupBeforeMigration } from "../../sequencer/backup/index.ts";
import { migrate, type Store } from "../../sequencer/store/index.ts";

/** What happens before a step that changes a database with something in it. */
export interface MigrateLogOptions {
  /** Take no backup. */
  readonly backedUp?: boolean | undefined;
  /** Where backups go. */
  readonly backups?: string | undefined;
}

/**
 * Runs the steps that the database lacks. Before each, a backup is taken and read back; an empty database needs none.
 *
 * @throws CheckError when the backup does not read back: then the step does not run.
 */
export async function migrateLog(
  store: Store,
  say: (line: string) => void,
  { backedUp = false, backups }: MigrateLogOptions = {},
): Promise<string[]> {
  const backUp = backupBeforeMigration(store, backups === undefined ? {} : { folder: backups });
  return await migrate(store, {
    onStep: (name) => say(`step ${name}`),
    backup: async (before) => {
      if (backedUp) return;
      say(`backup before ${before}`);
      await backUp(before);
    },
  });
}
