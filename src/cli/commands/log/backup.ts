import type { Command } from "commander";
import type { PromoteOptions, RestoreCommandOptions } from "../../log/backups.ts";
import { CONFIG, JSON_FLAG, type Json } from "../options.ts";

const DEPLOYMENT = [
  "--deployment <file>",
  "deployment file of the chain that the log is anchored on",
] as const;
const RPC = ["--rpc <file>", "a file of mode 0600 that holds the URL of a node of that chain"] as const;
const IDENTITY = ["--identity <file>", "age identity (mode 0600), for an encrypted backup"] as const;

/** `proofx log backup`, `log backup verify`, `log restore`, `log promote` */
export function addBackup(log: Command): void {
  const backup = log
    .command("backup")
    .description(
      "Write everything the log's database holds into a file, as it is at one moment, and read it back",
    )
    .option(...CONFIG)
    .option("--out <file>", "file to write; without it one under .proofx/backups, named after the time")
    .option("--recipient <recipient>", "encrypt it to this age recipient, age1...")
    .option(...JSON_FLAG)
    .addHelpText(
      "after",
      "\nThe embedded database must be stopped first: it is one process's alone. PostgreSQL goes on meanwhile.",
    )
    .action(async (options: { config?: string; out?: string; recipient?: string } & Json) => {
      const [{ backUp }, { print }] = await load();
      print(await backUp(options), options.json);
    });
  backup
    .command("verify")
    .description("Read a backup from its first byte to its last, and recompute every stream to its roots")
    .argument("<file>", "the backup")
    .option(...IDENTITY)
    .option(...JSON_FLAG)
    .action(async (file: string, options: { identity?: string } & Json) => {
      const [{ verifyBackupFile }, { print }] = await load();
      print(await verifyBackupFile(file, options), options.json ?? backup.opts<Json>().json);
    });
  log
    .command("restore")
    .description("Fill an empty database beside the current one from a backup, checking all of it on the way")
    .argument("<file>", "the backup")
    .requiredOption(
      "--into <place>",
      "a new folder (embedded), or a file of mode 0600 with the URL of an empty PostgreSQL",
    )
    .option("--keys <file>", "file of keys to payloads; keys.current.gz beside the backup without it")
    .option(...IDENTITY)
    .option(...DEPLOYMENT)
    .option(...RPC)
    .option(...JSON_FLAG)
    .action(async (file: string, options: RestoreCommandOptions & Json) => {
      const [{ restore }, { print }] = await load();
      print(await restore(file, options), options.json);
    });
  log
    .command("promote")
    .description("Put a restored database in the current one's place, when it lacks nothing that is anchored")
    .argument("<restored>", "the folder or URL file that `log restore --into` filled")
    .option(...CONFIG)
    .option(...DEPLOYMENT)
    .option(...RPC)
    .option("--without-chain", "this log is anchored nowhere: promote it without looking")
    .option(...JSON_FLAG)
    .action(async (restored: string, options: PromoteOptions & Json) => {
      const [{ promote }, { print }] = await load();
      print(await promote(restored, options), options.json);
    });
}

const load = () => Promise.all([import("../../log/backups.ts"), import("../../output.ts")]);
