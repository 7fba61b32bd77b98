import type { Command } from "commander";

/** `proofx prover` */
export function addProver(proofx: Command): void {
  proofx
    .command("prover")
    .description("Serve proofs over HTTP; docs/prover.md has the interface. Ctrl-C ends it gracefully")
    .option("--config <file>", "the configuration; PROOFX_CONFIG or config/proofx.toml without it")
    .action(async ({ config }: { config?: string }) => {
      const [{ configPath, readSection }, { startProver }, { createLog }, { runUntilStopped }, { note }] =
        await Promise.all([
          import("../config-file.ts"),
          import("../../services/prover/service.ts"),
          import("../../services/support/log.ts"),
          import("../../services/support/run.ts"),
          import("../output.ts"),
        ]);
      const path = configPath(config);
      const settings = readSection(path, "prover");
      const log = createLog("prover", readSection(path, "log").level);
      await runUntilStopped("prover", () => startProver(settings, log), note);
    });
}
