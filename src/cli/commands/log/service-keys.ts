import type { Command } from "commander";
import type { ServiceKeyOptions } from "../../log/service-keys.ts";

type Options = ServiceKeyOptions & { readonly json?: boolean };
type RotateOptions = Options & { readonly purpose: string; readonly expected?: string };

/** `proofx log service-keys list|rotate|due` */
export function addServiceKeys(log: Command): void {
  const group = log
    .command("service-keys")
    .description("The log's own keys: its registrar's, and those that sign receipts and checkpoints")
    .addHelpText(
      "after",
      "\nOn the embedded database, stop the sequencer first: one process at a time has it open.",
    );
  const command = (name: string, description: string, isDefault = false) =>
    group
      .command(name, { isDefault })
      .description(description)
      .option("--config <file>", "the configuration; PROOFX_CONFIG or config/proofx.toml without it")
      .option("--json", "print the result as JSON");

  command("list", "Every key there ever was; what is done without a subcommand", true).action(
    async ({ config, json }: Options) => {
      const [{ listServiceKeys }, { print }] = await load();
      print(await listServiceKeys({ config }), json);
    },
  );
  command("rotate", "Put a new key in a key's place, and say so in every stream; the old one is kept")
    .requiredOption("--purpose <purpose>", "Required. registrar, receipt or checkpoint")
    .option("--expected <id>", "id of the key to be replaced, so that a repeat does not rotate twice")
    .action(async ({ purpose, expected, config, json }: RotateOptions) => {
      const [{ rotate }, { print }] = await load();
      print(await rotate(purpose, { config, expected }), json);
    });
  command("due", "When each key is to be rotated; exit code 1 when one is overdue").action(
    async ({ config, json }: Options) => {
      const [{ showDue }, { print }] = await load();
      print(await showDue({ config }), json);
    },
  );
}

const load = () => Promise.all([import("../../log/service-keys.ts"), import("../../output.ts")]);
