import type { Command } from "commander";

const CONFIG = "the configuration; PROOFX_CONFIG or config/proofx.toml without it";

interface Options {
  readonly config?: string;
  readonly json?: boolean;
}

/** `proofx witness` and `proofx witness key` */
export function addWitness(proofx: Command): void {
  const witness = proofx
    .command("witness")
    .description(
      "Cosign the heads of logs that only grow; docs/witness.md has the interface. Ctrl-C ends it gracefully",
    )
    .option("--config <file>", CONFIG)
    .action(async ({ config }: Options) => {
      const [
        { settings, keys, path },
        { readSection },
        { startWitness },
        { createLog },
        { runUntilStopped },
        { note },
      ] = await Promise.all([
        open(config),
        import("../config-file.ts"),
        import("../../services/witness/service.ts"),
        import("../../services/support/log.ts"),
        import("../../services/support/run.ts"),
        import("../output.ts"),
      ]);
      const log = createLog("witness", readSection(path, "log").level);
      await runUntilStopped("witness", () => startWitness(settings, log, keys), note);
    });
  witness
    .command("key")
    .description("Print the witness's verifier key, which logs and auditors are given; needs no passphrase")
    .option("--config <file>", CONFIG)
    .option("--json", "print the result as JSON")
    .action(async (_options: Options, command: Command) => {
      // The parent has the same option and takes it wherever it stands.
      const { config, json } = command.optsWithGlobals<Options>();
      const [{ settings, keys }, { witnessVerifierKey }, { print }] = await Promise.all([
        open(config),
        import("../../services/witness/service.ts"),
        import("../output.ts"),
      ]);
      const vkey = await witnessVerifierKey(settings, keys);
      print({ data: { name: settings.name, key: settings.key, vkey }, lines: [vkey] }, json);
    });
}

async function open(config: string | undefined) {
  const [{ configPath, readSection }, { openConfiguredKeys, readKeysSettings }] = await Promise.all([
    import("../config-file.ts"),
    import("../../keys/index.ts"),
  ]);
  const path = configPath(config);
  const { keys } = openConfiguredKeys(readKeysSettings(path));
  return { path, settings: readSection(path, "witness"), keys };
}
