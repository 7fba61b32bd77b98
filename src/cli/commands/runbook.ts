import type { Command } from "commander";

interface Options {
  readonly json?: boolean;
  readonly step?: string;
  readonly yes?: boolean;
  readonly set?: readonly string[];
  readonly env?: string;
  readonly record?: string;
}

/** `proofx runbook list|show|run|drill` */
export function addRunbook(proofx: Command): void {
  const runbook = proofx
    .command("runbook")
    .description(
      "What to do when an alert calls, and the operations that come round; pages of docs/runbooks",
    );
  runbook
    .command("list")
    .description("All pages: one a rule and one an operation, with the time each may take")
    .option("--json", "print the result as JSON")
    .action(async ({ json }: Options) => {
      const [{ listPages }, { print }] = await load();
      print(listPages(), json);
    });
  runbook
    .command("show <name>")
    .description("A page with its steps numbered")
    .option("--json", "print the result as JSON")
    .action(async (name: string, { json }: Options) => {
      const [{ showPage }, { print }] = await load();
      print(showPage(name), json);
    });
  runbook
    .command("run <name>")
    .description(
      "Run a page's steps. Those of Diagnosis and Check only look; each other one is shown and asked for before it is run",
    )
    .option("--step <number>", "only this one")
    .option("--yes", "do not ask")
    .option("--set <NAME=value...>", "what the page wants named, e.g. --set ACCOUNT=0x…")
    .option("--env <file>", "lines of `export NAME=value` that every step gets: NETWORK, SEQUENCER, PROOFX_…")
    .option("--record <file>", "append what was run, when, and how it ended, one JSON object a line")
    .option("--json", "print the result as JSON; what steps print goes to standard error")
    .action(async (name: string, options: Options) => {
      const [{ runPage }, { print, note }] = await Promise.all([
        import("../runbook/run.ts"),
        import("../output.ts"),
      ]);
      print(await runPage(name, options, note), options.json);
    });
  runbook
    .command("drill [names...]")
    .description(
      "Rehearse pages, all of them where none is named: a stage of its own is brought up (chain, contracts, log), the fault is put into it, the steps are run, and the time is held against the page's target. Touches nothing else",
    )
    .action(async (names: readonly string[]) => {
      const { drillPages } = await import("../runbook/drill.ts");
      process.exitCode = await drillPages(names);
    });
}

function load() {
  return Promise.all([import("../runbook/pages.ts"), import("../output.ts")]);
}
