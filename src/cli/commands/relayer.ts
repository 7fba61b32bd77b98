import type { Command } from "commander";

/** `proofx relayer` */
export function addRelayer(proofx: Command): void {
  proofx
    .command("relayer")
    .description(
      "Vouch for proofs and send them; docs/relayer.md has the interface. Ctrl-C ends it gracefully",
    )
    .option("--config <file>", "the configuration; PROOFX_CONFIG or config/proofx.toml without it")
    .action(async ({ config }: { config?: string }) => {
      const [
        { configPath, readSection },
        { openConfiguredKeys, readKeysSettings },
        { startRelayer },
        { createLog },
        { runUntilStopped },
        { note },
      ] = await Promise.all([
        import("../config-file.ts"),
        import("../../keys/index.ts"),
        import("../../services/relayer/service.ts"),
        import("../../services/support/log.ts"),
        import("../../services/support/run.ts"),
        import("../output.ts"),
      ]);
      const path = configPath(config);
      const settings = readSection(path, "relayer");
      const log = createLog("relayer", readSection(path, "log").level);
      const { keys } = openConfiguredKeys(readKeysSettings(path));
      await runUntilStopped("relayer", () => startRelayer(settings, log, keys), note);
    });
}
