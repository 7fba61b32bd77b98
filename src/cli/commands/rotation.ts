import type { Command } from "commander";
import type { RotationOptions } from "../rotation/run.ts";

type Options = RotationOptions & { readonly json?: boolean };

/** `proofx rotation due|run` */
export function addRotation(proofx: Command): void {
  const rotation = proofx
    .command("rotation")
    .description(
      "Keys of every kind that are due: accounts, agents, services, the log's own, the master key",
    );
  const command = (name: string, description: string) =>
    rotation
      .command(name)
      .description(description)
      .option("--config <file>", "configuration file; PROOFX_CONFIG or config/proofx.toml without it")
      .option("--no-log", "leave out the keys that the log's database has")
      .option("--json", "print the result as JSON");
  command(
    "due",
    "Hold every key's age against its schedule; exits with 1 when one is overdue or missing, or the log cannot be read",
  )
    .addHelpText(
      "after",
      "\nSigners and agents 90 days, services' keys 180, the master key 365, unless [keys.schedule] says otherwise.\nAn embedded log must be stopped first: its database is one process's alone.",
    )
    .action(async (options: Options) => {
      const [{ due }, { print }] = await load();
      print(await due(options), options.json);
    });
  command(
    "run",
    "Rotate what is due as far as a command can, and say what is left; exits with 1 while something is",
  )
    .option("--soon", "also what is due within two weeks")
    .option("--dry-run", "only say what would be rotated")
    .action(async (options: Options) => {
      const [{ run }, { print }] = await load();
      print(await run(options), options.json);
    });
}

const load = () => Promise.all([import("../rotation/run.ts"), import("../output.ts")]);
