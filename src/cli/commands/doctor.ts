import type { Command } from "commander";

/** `proofx doctor` */
export function addDoctor(proofx: Command): void {
  proofx
    .command("doctor")
    .description("Look at what this machine has and lacks, and say what each lack costs and how to mend it")
    .option("--config <file>", "also check this configuration and reach what it names")
    .option("--json", "print the result as JSON")
    .action(async ({ config, json }: { config?: string; json?: boolean }) => {
      const [{ examine }, { print }] = await Promise.all([
        import("../doctor/examine.ts"),
        import("../output.ts"),
      ]);
      print(await examine(config), json);
    });
}
