import type { Command } from "commander";
import { backupBeforeMigration } from "../../../sequencer/backup/index.ts";
import { migrate, type Store } from "../../../sequencer/store/index.ts";

interface Options {
  readonly config?: string;
  readonly backedUp?: boolean;
  readonly backups?: string;
  readonly json?: boolean;
}

/** `proofx log migrate` */
export function addMigrate(log: Command): void {
  log
    .command("migrate")
    .description("Bring the log's database to the newest schema, forward only")
    .option("--config <file>", "the configuration; PROOFX_CONFIG or config/proofx.toml without it")
    .option("--backups <folder>", "where the backup before each step goes; .proofx/backups without it")
    .option("--backed-up", "take none: I have a backup of this database that I have tried to restore")
    .option("--json", "print the result as JSON")
    .action(async ({ config, backedUp, backups, json }: Options) => {
      const [{ openLog }, { note, print }] = await Promise.all([
        import("../../open-log.ts"),
        import("../../output.ts"),
      ]);
      const { store } = await openLog(config, { create: true });
      try {
        const steps = await migrateLog(store, note, { backedUp, backups });
        const lines = steps.length === 0 ? ["the schema is the newest already"] : steps;
        print({ data: { steps }, lines }, json);
      } finally {
        await store.close();
      }
    });
}

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
