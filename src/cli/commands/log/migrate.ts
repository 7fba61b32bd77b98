import type { Command } from "commander";

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
      const [{ migrateLog }, { openLog }, { note, print }] = await Promise.all([
        import("../../log/migrate.ts"),
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
