import type { Command } from "commander";
import { RefusedError } from "../../../core/errors.ts";
import { migrate, type Store } from "../../../sequencer/store/index.ts";

interface Options {
  readonly config?: string;
  readonly backedUp?: boolean;
  readonly json?: boolean;
}

/** `proofx log migrate` */
export function addMigrate(log: Command): void {
  log
    .command("migrate")
    .description("Bring the log's database to the newest schema, forward only")
    .option("--config <file>", "the configuration; PROOFX_CONFIG or config/proofx.toml without it")
    .option("--backed-up", "I have a backup of this database that I have tried to restore")
    .option("--json", "print the result as JSON")
    .action(async ({ config, backedUp, json }: Options) => {
      const [{ openLog }, { note, print }] = await Promise.all([
        import("../../open-log.ts"),
        import("../../output.ts"),
      ]);
      const { store } = await openLog(config);
      try {
        const steps = await migrateLog(store, note, backedUp);
        const lines = steps.length === 0 ? ["the schema is the newest already"] : steps;
        print({ data: { steps }, lines }, json);
      } finally {
        await store.close();
      }
    });
}

/**
 * Runs the steps that the database lacks. An empty one needs no backup.
 *
 * @throws RefusedError when there is something to lose and nobody has said that it was backed up.
 */
export async function migrateLog(
  store: Store,
  say: (line: string) => void,
  backedUp = false,
): Promise<string[]> {
  return await migrate(store, {
    onStep: (name) => say(`step ${name}`),
    backup: async (before) => {
      if (backedUp) return;
      throw new RefusedError(`step ${before} changes a database that has something in it`, {
        next: "back it up, try to restore that, then: npx proofx log migrate --backed-up",
      });
    },
  });
}
