import type { Command } from "commander";

/** `proofx watcher` */
export function addWatcher(proofx: Command): void {
  proofx
    .command("watcher")
    .description(
      "Watch the chain, the log and states, and tell whoever [alerts] names; docs/watcher.md. Ctrl-C ends it gracefully, and what lasts goes on lasting",
    )
    .option("--config <file>", "the configuration; PROOFX_CONFIG or config/proofx.toml without it")
    .action(async ({ config }: { config?: string }) => {
      const [
        { configPath, readSection },
        { openWatcherParts },
        { startWatcher },
        { createLog },
        { runUntilStopped },
        { note },
      ] = await Promise.all([
        import("../config-file.ts"),
        import("../watcher/parts.ts"),
        import("../../services/watcher/service.ts"),
        import("../../services/support/log.ts"),
        import("../../services/support/run.ts"),
        import("../output.ts"),
      ]);
      const path = configPath(config);
      const settings = readSection(path, "watcher");
      const log = createLog("watcher", readSection(path, "log").level);
      const parts = await openWatcherParts(path, settings, (what) => log.warn(what));
      await runUntilStopped("watcher", () => startWatcher(settings, log, parts), note);
    });
}
