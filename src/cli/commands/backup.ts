import type { Command } from "commander";
import type { OpenerOptions } from "../backup/openers.ts";
import type { RestoreCommandOptions } from "../backup/restore.ts";
import type { TrustOptions } from "../backup/signers.ts";
import { CONFIG, JSON_FLAG, type Json } from "./options.ts";

const IDENTITY = [
  "--identity <file>",
  "a holder's age identity (mode 0600); again for each holder who is here",
  collect,
] as const;
const SHARE = [
  "--share <file>",
  "a share that a holder elsewhere opened for one of these identities; again for each",
  collect,
] as const;

const SIGNER = [
  "--signer <public key>",
  "whose backups are taken; again for each. Without it [backup.signers] and the key of [backup] signer",
  collect,
] as const;
const UNVERIFIED = ["--unverified", "take one that is not signed, or by a key that is not known"] as const;

/** `proofx backup create|list|verify|share|restore|identity` */
export function addBackup(proofx: Command): void {
  const backup = proofx
    .command("backup")
    .description(
      "Back up everything an organisation must not lose, encrypted to its holders; docs/recovery.md",
    );
  backup
    .command("create")
    .description(
      "Write a backup by [backup], signed by its signer, read it back, and delete those older than keep_days",
    )
    .option("--unsigned", "write one that nobody signed; restoring it asks for --unverified")
    .option(...CONFIG)
    .option(...JSON_FLAG)
    .addHelpText(
      "after",
      "\nAn embedded log must be stopped first: its database is one process's alone. PostgreSQL goes on meanwhile.\nThe keys to the log's payloads come into payload-keys.proofx-backup beside it, which every backup replaces.",
    )
    .action(async (options: { config?: string; unsigned?: boolean } & Json) => {
      const [{ create }, { print }] = await Promise.all([import("../backup/create.ts"), output()]);
      print(await create(options), options.json);
    });
  backup
    .command("list")
    .description("List the backups there are, newest first; exits with 1 when one is missing")
    .option(...CONFIG)
    .option(...JSON_FLAG)
    .action(async (options: { config?: string } & Json) => {
      const [{ list }, { print }] = await Promise.all([import("../backup/create.ts"), output()]);
      print(await list(options), options.json);
    });
  backup
    .command("verify")
    .description(
      "Read a backup without restoring it: who signed it and whether it is whole, or with its holders every file and the log's roots",
    )
    .argument("<file>", "the backup")
    .option(...IDENTITY)
    .option(...SHARE)
    .option(...SIGNER)
    .option(...UNVERIFIED)
    .option(...CONFIG)
    .option(...JSON_FLAG)
    .action(async (file: string, options: OpenerOptions & TrustOptions & Json) => {
      const [{ verify }, { print }] = await Promise.all([import("../backup/restore.ts"), output()]);
      print(await verify(file, options), options.json);
    });
  addHolders(backup);
  addRestore(backup);
}

/** What holders do. */
function addHolders(backup: Command): void {
  backup
    .command("share")
    .description(
      "Open your share of a backup and encrypt it to whoever restores; your identity stays with you",
    )
    .argument("<file>", "the backup")
    .requiredOption("--identity <file>", "your age identity (mode 0600)")
    .requiredOption("--to <recipient>", "age recipient of whoever restores")
    .requiredOption("--out <file>", "new file for the share")
    .option(...JSON_FLAG)
    .action(async (file: string, options: { identity: string; to: string; out: string } & Json) => {
      const [{ share }, { print }] = await Promise.all([import("../backup/openers.ts"), output()]);
      print(await share(file, options), options.json);
    });
  backup
    .command("identity")
    .description("Make a holder's age identity and print its recipient, which [backup.holders] names")
    .requiredOption(
      "--out <file>",
      "new file for the identity, mode 0600; keep it where no backup of this machine comes",
    )
    .option(...JSON_FLAG)
    .action(async (options: { out: string } & Json) => {
      const [{ makeIdentity }, { print }] = await Promise.all([import("../backup/openers.ts"), output()]);
      print(await makeIdentity(options), options.json);
    });
}

function addRestore(backup: Command): void {
  backup
    .command("restore")
    .description(
      "Unpack a backup into a new folder; with --in-place put every part where the configuration has it",
    )
    .argument("<file>", "the backup")
    .requiredOption("--into <folder>", "new folder to unpack into")
    .option(...IDENTITY)
    .option(...SHARE)
    .option(...SIGNER)
    .option(...UNVERIFIED)
    .option("--in-place", "then put every part in its place; refused where something else is there")
    .option("--only <parts>", "with --in-place: only these parts, with commas")
    .option("--deployment <file>", "deployment file of the chain that the log is anchored on")
    .option("--rpc <file>", "a file of mode 0600 that holds the URL of a node of that chain")
    .option("--without-chain", "with --in-place: this log is anchored nowhere")
    .option(...CONFIG)
    .option(...JSON_FLAG)
    .action(async (file: string, options: RestoreCommandOptions & Json) => {
      const [{ restore }, { print }] = await Promise.all([import("../backup/restore.ts"), output()]);
      print(await restore(file, options), options.json);
    });
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

const output = () => import("../output.ts");
