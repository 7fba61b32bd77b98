import type { Command } from "commander";

/** `proofx config check` */
export function addConfig(proofx: Command): void {
  const config = proofx.command("config").description("The configuration file that all services start from");
  config
    .command("check")
    .description("Check every section of a configuration file and explain its faults")
    .argument("[file]", "the file; PROOFX_CONFIG or config/proofx.toml without it")
    .option("--json", "print the result as JSON")
    .action(async (file: string | undefined, { json }: { json?: boolean }) => {
      const [{ checkConfig, configPath }, { print }, { EXIT }] = await Promise.all([
        import("../config-file.ts"),
        import("../output.ts"),
        import("../../core/errors.ts"),
      ]);
      const path = configPath(file);
      const findings = checkConfig(path);
      const bad = findings.some((finding) => finding.status === "fault");
      const lines = findings.map(
        ({ section, status, fault }) =>
          `${status.padEnd(7)} [${section}]${fault === undefined ? "" : `  ${fault}`}`,
      );
      print(
        { data: { file: path, findings }, lines: [path, ...lines], exitCode: bad ? EXIT.badInput : EXIT.ok },
        json,
      );
    });
}
