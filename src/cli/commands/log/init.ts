import type { Command } from "commander";

interface Options {
  readonly config?: string;
  readonly json?: boolean;
}

/** `proofx log init` */
export function addInit(log: Command): void {
  log
    .command("init")
    .description(
      "Make the log that [sequencer] names: tables, the keys it signs and seals with, its own stream. What is there stays",
    )
    .option("--config <file>", "the configuration; PROOFX_CONFIG or config/proofx.toml without it")
    .option("--json", "print the result as JSON")
    .action(async ({ config, json }: Options) => {
      const [
        { openLog },
        { initLog, publishedKeys },
        { Keyring },
        { migrateLog },
        { ensureKey },
        { note, print },
      ] = await Promise.all([
        import("../../open-log.ts"),
        import("../../../sequencer/identity/index.ts"),
        import("../../../sequencer/at-rest/index.ts"),
        import("../../log/migrate.ts"),
        import("./master-key.ts"),
        import("../../output.ts"),
      ]);
      const { store, keys, atRest, section } = await openLog(config, { create: true });
      try {
        await migrateLog(store, note);
        await ensureKey(keys, atRest.master_key);
        const sealer = new Keyring(store.as("app"), keys, atRest);
        const { identity } = await initLog(store, keys, { logName: section("sequencer").log_name, sealer });
        const published = await publishedKeys(store.as("app"));
        print(
          {
            data: { ...identity, keys: published },
            lines: [
              `log        ${identity.logName} (${store.kind})`,
              `registrar  ${identity.registrarId}`,
              ...published.map((key) => `${key.purpose.padEnd(10)} ${key.key_id}  ${key.public_key}`),
            ],
          },
          json,
        );
      } finally {
        await store.close();
      }
    });
}
