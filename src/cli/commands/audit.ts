import type { Command } from "commander";

interface CheckOptions {
  readonly logKey?: string;
  readonly witness?: string[];
  readonly deployment?: string;
  readonly rpc?: string;
  readonly json?: boolean;
}

/** `proofx audit check` */
export function addAudit(proofx: Command): void {
  proofx
    .command("audit")
    .description("Auditors' files, which `npx hardhat audit export` makes (docs/audit.md)")
    .command("check")
    .description("Check an auditor's file offline, and say line by line what it proves and what it does not")
    .argument("<file>", "the file; it is one JSON document")
    .option(
      "--log-key <vkey>",
      "the log's note key (NAME+ID+BASE64), from its operator and not from the file",
    )
    .option("--witness <vkey...>", "cosignature keys of witnesses that must have signed the checkpoint")
    .option("--deployment <file>", "deployment file that names the contracts that count")
    .option("--rpc <file>", "also ask a node: a file of mode 0600 that holds its URL; needs --deployment")
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      "\nNothing in the file is a reason to trust the file: what is not pinned by an option is listed as not proved.\n" +
        "Exit code 0: nothing is wrong (read what was not proved); 1: something does not hold; 2: it is no auditor's file.",
    )
    .action(check);
}

async function check(path: string, options: CheckOptions): Promise<void> {
  const [{ print }, { checkAuditFile }] = await Promise.all([
    import("../output.ts"),
    import("../audit/check.ts"),
  ]);
  print(await checkAuditFile(path, options), options.json);
}
