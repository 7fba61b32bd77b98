import type { Command } from "commander";
import type { VerifyCommandOptions } from "../../log/verify.ts";

/** `proofx log verify` */
export function addVerify(log: Command): void {
  log
    .command("verify")
    .description(
      "Read the log again, whole: signatures by keys valid at their place, payloads, receipts, checkpoints, batches, the chain",
    )
    .option("--config <file>", "configuration file; PROOFX_CONFIG or config/proofx.toml without it")
    .option("--tenant <uuid>", "only this tenant's streams")
    .option("--store <uuid>", "only this stream")
    .option("--deployment <file>", "compare with the registry of this deployment; needs --rpc")
    .option("--rpc <file>", "a file of mode 0600 that holds the URL of a node of that chain")
    .option("--no-payloads", "do not open payloads: needs no key, and believes the table of agents' keys")
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      "\nThe embedded database must be stopped first. Exit code 0: all of it holds; 1: the first entry that does not is named.",
    )
    .action(async (options: VerifyCommandOptions & { json?: boolean }) => {
      const [{ verify }, { print }] = await Promise.all([
        import("../../log/verify.ts"),
        import("../../output.ts"),
      ]);
      print(await verify(options), options.json);
    });
}
