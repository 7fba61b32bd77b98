import type { Command } from "commander";

interface ScanCommandOptions {
  readonly deep?: boolean;
  readonly quick?: boolean;
  readonly json?: boolean;
}

/** `proofx security scan` */
export function addSecurity(proofx: Command): void {
  const security = proofx.command("security").description("The security of this checkout");
  security
    .command("scan")
    .description(
      "Look for known weaknesses of dependencies, secrets in the tree and in every commit, licences that do not fit, and what analysers find",
    )
    .option("--deep", "also Slither, which takes minutes, and development dependencies")
    .option("--quick", "leave the analysers out")
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      "\nRun it in the project's folder; it changes nothing. What cannot run here, e.g. without network, is named and is no pass.\nExit code 0: nothing found; 1: something was found.",
    )
    .action(async ({ deep = false, quick = false, json }: ScanCommandOptions) => {
      const [{ scanSecurity }, { note, print }, { EXIT }] = await Promise.all([
        import("../../ops/security/index.ts"),
        import("../output.ts"),
        import("../../core/errors.ts"),
      ]);
      const parts = await scanSecurity({ root: process.cwd(), deep, quick, note });
      const count = (status: string) => parts.filter((part) => part.status === status).length;
      const lines = parts.flatMap(({ name, status, summary, findings, next }) => [
        `${status.padEnd(8)}  ${name}: ${summary}`,
        ...findings.map((finding) => `            ${finding}`),
        ...(next === undefined ? [] : [`            next: ${next}`]),
      ]);
      lines.push(
        `${count("clean")} clean, ${count("findings")} with findings, ${count("not run")} could not run here`,
      );
      const exitCode = count("findings") === 0 ? EXIT.ok : EXIT.failed;
      print({ data: { parts }, lines, exitCode }, json);
    });
}
