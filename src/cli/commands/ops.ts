import type { Command } from "commander";

interface ReportOptions {
  readonly config?: string;
  readonly out?: string;
  readonly quick?: boolean;
  readonly json?: boolean;
}

const REPORTS = {
  daily: "health, the last day's alerts, backups, keys",
  weekly: "health, the week's alerts, performance, Aleo, the security scan, the documentation",
  monthly: "health, the month's alerts, contracts and roles, attestations, dependencies, drills",
} as const;

/** `proofx ops daily|weekly|monthly` */
export function addOps(proofx: Command): void {
  const ops = proofx.command("ops").description("Reports of what operators look at each day, week and month");
  for (const [kind, what] of Object.entries(REPORTS)) {
    const command = ops
      .command(kind)
      .description(`The ${kind} report: ${what}`)
      .option("--config <file>", "the configuration; PROOFX_CONFIG or config/proofx.toml without it")
      .option(
        "--out <file>",
        "write it there (Markdown, or JSON with --json), for a file of its own each time",
      );
    if (kind === "weekly") command.option("--quick", "leave out the analysers, which take minutes");
    command
      .option("--json", "print the result as JSON")
      .addHelpText(
        "after",
        "\nIt changes nothing but the file of --out. Run it in the project's folder.\nExit code 0: nothing is to do; 1: something is, and what could not be looked at is something, too.",
      )
      .action((options: ReportOptions) => report(kind as keyof typeof REPORTS, options));
  }
}

async function report(
  kind: keyof typeof REPORTS,
  { config, out, quick = false, json = false }: ReportOptions,
): Promise<void> {
  const [{ configPath }, { composeReport }, { markdownOf }, { note, print }, { EXIT }] = await Promise.all([
    import("../config-file.ts"),
    import("../ops/compose.ts"),
    import("../../ops/reports/index.ts"),
    import("../output.ts"),
    import("../../core/errors.ts"),
  ]);
  const made = await composeReport(kind, { path: configPath(config), root: process.cwd(), quick, note });
  const lines = markdownOf(made);
  const exitCode = made.ok ? EXIT.ok : EXIT.failed;
  if (out === undefined) return print({ data: made, lines, exitCode }, json);
  const { writeFileDurably } = await import("../../chain/files.ts");
  writeFileDurably(out, json ? `${JSON.stringify(made, undefined, 2)}\n` : `${lines.join("\n")}\n`);
  print({ data: { file: out, ok: made.ok }, lines: [`The ${kind} report is in ${out}`], exitCode }, json);
}
