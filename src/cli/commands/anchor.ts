import type { Command } from "commander";

/** `proofx anchor` */
export function addAnchor(proofx: Command): void {
  proofx
    .command("anchor")
    .description(
      "Close the log's batches and anchor them, on PostgreSQL (DATABASE_URL); docs/anchoring.md. Ctrl-C ends it gracefully",
    )
    .option("--config <file>", "the configuration; PROOFX_CONFIG or config/proofx.toml without it")
    .action(async ({ config }: { config?: string }) => {
      const [
        { configPath, readSection },
        { openConfiguredKeys, readKeysSettings },
        { openStore },
        { startAnchor },
        { createLog },
        { runUntilStopped },
        { note },
      ] = await Promise.all([
        import("../config-file.ts"),
        import("../../keys/index.ts"),
        import("../../sequencer/store/index.ts"),
        import("../../services/anchor/service.ts"),
        import("../../services/support/log.ts"),
        import("../../services/support/run.ts"),
        import("../output.ts"),
      ]);
      const path = configPath(config);
      const settings = readSection(path, "anchor");
      const log = createLog("anchor", readSection(path, "log").level);
      const { keys } = openConfiguredKeys(readKeysSettings(path));
      const store = await openStore(readSection(path, "store"));
      await runUntilStopped("anchor", () => startAnchor(store, settings, keys, log), note);
    });
}
