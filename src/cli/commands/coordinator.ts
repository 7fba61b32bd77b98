import type { Command } from "commander";

/** `proofx coordinator` */
export function addCoordinator(proofx: Command): void {
  proofx
    .command("coordinator")
    .description(
      "Let contributors of a phase-2 ceremony take turns over HTTP ([coordinator] in the configuration)",
    )
    .option("--config <file>", "configuration file; PROOFX_CONFIG or config/proofx.toml without it")
    .action(async ({ config }: { config?: string }) => {
      const [
        { configPath, readSection },
        { note },
        { runUntilStopped },
        { createLog },
        { startCoordinator },
      ] = await Promise.all([
        import("../config-file.ts"),
        import("../output.ts"),
        import("../../services/support/run.ts"),
        import("../../services/support/log.ts"),
        import("../../services/coordinator/service.ts"),
      ]);
      const path = configPath(config);
      const settings = readSection(path, "coordinator");
      const { level } = readSection(path, "log");
      await runUntilStopped(
        "coordinator",
        () => startCoordinator(settings, createLog("coordinator", level)),
        note,
      );
    });
}
