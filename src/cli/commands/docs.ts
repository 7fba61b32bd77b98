import { type Command, InvalidArgumentError } from "commander";

interface CheckOptions {
  readonly days: number;
  readonly json?: boolean;
}

/** `proofx docs check` */
export function addDocs(proofx: Command): void {
  const docs = proofx.command("docs").description("The documentation of this checkout");
  docs
    .command("check")
    .description(
      "Look for links that lead nowhere, files that pages name and nobody has, and pages that are behind what they are about",
    )
    .option("--days <number>", "how long a page may be behind the files it names", parseDays, 30)
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      "\nRun it in the project's folder. Commands in pages are run by npm test -- docs, those of runbooks by npx proofx runbook drill.\nExit code 0: nothing is wrong; 1: something is, or a page is behind.",
    )
    .action(async ({ days, json }: CheckOptions) => {
      const [{ checkDocs }, { print }, { EXIT }] = await Promise.all([
        import("../../ops/docs/index.ts"),
        import("../output.ts"),
        import("../../core/errors.ts"),
      ]);
      const report = await checkDocs(process.cwd(), days);
      const { pages, links, paths, faults, stale } = report;
      const lines = [
        ...faults.map(({ file, line, fault }) => `${file}:${line} ${fault}`),
        ...(stale ?? []).map(
          ({ file, changed, behind }) =>
            `${file} is of ${changed.slice(0, 10)}, and behind: ${behind.join(", ")}. Read it again, then change it or what it names`,
        ),
        ...(stale === undefined ? ["how old pages are is not known: no git history here"] : []),
        `${pages} pages, ${links} links, ${paths} named files: ${faults.length} faults, ${stale?.length ?? 0} behind`,
      ];
      const good = faults.length === 0 && (stale ?? []).length === 0;
      print({ data: report, lines, exitCode: good ? EXIT.ok : EXIT.failed }, json);
    });
}

function parseDays(text: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("expected a number of days, 0 to 9999");
}
