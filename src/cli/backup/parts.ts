import { readFileSync } from "node:fs";
import { z } from "zod";
import { RefusedError } from "../../core/errors.ts";
import { readToml } from "../../core/toml.ts";
import type { Part } from "../../ops/backup/index.ts";
import { readSection } from "../config-file.ts";

const folder = z.looseObject({ folder: z.string().optional() }).optional();
/** Sections whose state is an organisation's alone, looked at for their folder and nothing else. */
const content = z.looseObject({ keys: folder, watcher: folder, witness: folder });

/** Part that holds the log's database. */
export const LOG_PART = "log";
/** Part that holds the configuration file. */
export const CONFIG_PART = "config";

/**
 * What belongs into a backup by a configuration, the log's database apart; and the places to which a restore puts it back.
 *
 * @throws RefusedError for a witness's state: restored, it would cosign what it already saw replaced.
 */
export function standardParts(path: string): Part[] {
  const settings = readToml(content, readFileSync(path, "utf8"), path);
  const { include } = readSection(path, "backup");
  const standard = (name: string, place: string | undefined): Part[] =>
    place === undefined ? [] : [{ name, path: place, required: false }];
  const witness = settings.witness?.folder;
  for (const place of Object.values(include))
    if (witness !== undefined && place === witness)
      throw new RefusedError(`[backup.include]: ${place} is a witness's state, which is never restored`, {
        next: "take it out; docs/witness.md says what is done when a witness's state is lost",
      });
  return [
    { name: CONFIG_PART, path, required: true },
    ...standard("keys", process.env.PROOFX_KEYS ?? settings.keys?.folder ?? ".proofx/keys"),
    ...standard("deployments", process.env.PROOFX_DEPLOYMENTS ?? "deployments"),
    ...standard("ceremony", "ceremony"),
    ...standard("watcher", settings.watcher?.folder),
    ...standard("alerts", readSection(path, "alerts").folder),
    ...standard("incidents", readSection(path, "incidents").folder),
    ...Object.entries(include).map(([name, place]) => ({ name, path: place, required: true })),
  ];
}
