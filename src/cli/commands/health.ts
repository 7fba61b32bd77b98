import type { Command } from "commander";

interface HealthOptions {
  readonly config?: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

/** `proofx health` */
export function addHealth(proofx: Command): void {
  proofx
    .command("health")
    .description("Look at every part of the house once, on one screen; docs/health.md")
    .option("--config <file>", "the configuration; PROOFX_CONFIG or config/proofx.toml without it")
    .option("--all", "also show what is well, line by line, and how to have looked at what is not")
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      "\nIt changes nothing. Exit code 0: everything that is configured is well; 1: something is wrong, or could not be found out.",
    )
    .action(async ({ config, all, json }: HealthOptions) => {
      const [{ configPath }, { lookAtHealth }, { screenOf }, { print }, { EXIT }] = await Promise.all([
        import("../config-file.ts"),
        import("../health/look.ts"),
        import("../../ops/health/index.ts"),
        import("../output.ts"),
        import("../../core/errors.ts"),
      ]);
      const health = await lookAtHealth(configPath(config));
      const exitCode = health.ok ? EXIT.ok : EXIT.failed;
      print({ data: health, lines: screenOf(health, all), exitCode }, json);
    });
}
