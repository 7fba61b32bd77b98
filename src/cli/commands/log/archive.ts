import type { Command } from "commander";
import type { ArchiveOptions } from "../../log/archives.ts";
import { CONFIG, type Json } from "../options.ts";

/** `proofx log archive`, `proofx log archive verify` */
export function addArchive(log: Command): void {
  const archive = log
    .command("archive")
    .description(
      "Move payloads of a stream's older events into a file that still verifies; headers, hashes and leaves stay",
    )
    .option("--tenant <uuid>", "Required. The stream's tenant")
    .option("--store <uuid>", "Required. The stream's store")
    .option("--before <date>", "events that were sequenced before then")
    .option("--through <sequence>", "events up to this one")
    .option("--folder <folder>", "where archives are kept; .proofx/archives without it")
    .option(...CONFIG)
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      "\nThe file is on disk and read back before any row is emptied. Run it again after a crash: it goes on.",
    )
    .action(async (options: ArchiveOptions & Json) => {
      const [{ archiveRange }, { print }] = await load();
      print(await archiveRange(options), options.json);
    });
  archive
    .command("verify")
    .description(
      "Read an archive from its first byte to its last, and recompute its leaves and the log's root at its end",
    )
    .argument("<file>", "the archive")
    .option("--known", "also see that the configured log recorded this very file, and has the same root")
    .option(...CONFIG)
    .option("--json", "print the result as JSON")
    .action(async (file: string, options: { config?: string; known?: boolean } & Json) => {
      const [{ verifyArchiveFile }, { print }] = await load();
      const { config, json } = archive.opts<{ config?: string } & Json>();
      print(await verifyArchiveFile(file, { config, ...options }), options.json ?? json);
    });
}

const load = () => Promise.all([import("../../log/archives.ts"), import("../../output.ts")]);
