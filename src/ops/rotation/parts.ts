import { readFileSync } from "node:fs";
import { z } from "zod";
import { errorCode, UnavailableError } from "../../core/errors.ts";
import { readToml } from "../../core/toml.ts";
import {
  type ConfiguredKeys,
  defaultKeysSettings,
  openConfiguredKeys,
  RotationRecords,
  readKeysSettings,
} from "../../keys/index.ts";
import { atRestSettings } from "../../sequencer/at-rest/index.ts";
import type { KeyParts } from "./due.ts";
import { fullSchedule, type NamedKeys } from "./schedule.ts";

const name = z.string().optional();
const services = z.looseObject({
  relayer: z.looseObject({ sender: name }).optional(),
  anchor: z.looseObject({ key: name }).optional(),
  backup: z.looseObject({ signer: name }).optional(),
  incidents: z.looseObject({ log: z.looseObject({ key: name }).optional() }).optional(),
  at_rest: atRestSettings.prefault({}),
});

/**
 * The keys of a configuration against the schedule of every purpose, its own and the usual ones. Only what it schedules itself must
 * be there: a service that does not run here has its key elsewhere.
 *
 * @param path The configuration file; the settings' defaults without one.
 * @param opened Its keys, where they are open already.
 * @throws UnavailableError when the file cannot be read; InputError for a section that is wrong.
 */
export function configuredKeyParts(path: string | undefined, opened?: ConfiguredKeys): KeyParts {
  const settings = path === undefined ? defaultKeysSettings() : readKeysSettings(path);
  const { keys, folder } = opened ?? openConfiguredKeys(settings);
  return {
    keys,
    records: new RotationRecords(folder),
    schedule: fullSchedule(settings.schedule, namedKeys(path)),
    required: Object.values(settings.schedule).flatMap((entry) => entry.keys),
  };
}

/** The keys that sections of the configuration name. A witness's is not among them: it is part of what others trust. */
function namedKeys(path: string | undefined): NamedKeys {
  const { relayer, anchor, backup, incidents, at_rest } =
    path === undefined ? services.parse({}) : readToml(services, readText(path), path);
  const used = [relayer?.sender, anchor?.key, backup?.signer, incidents?.log?.key].filter(
    (each) => each !== undefined,
  );
  return { services: [...new Set(used)], master: at_rest.master_key };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new UnavailableError(`${path} cannot be read (${errorCode(cause)})`, {
      cause,
      next: "name the configuration with --config or PROOFX_CONFIG",
    });
  }
}
