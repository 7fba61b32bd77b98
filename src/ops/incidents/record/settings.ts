import { readFileSync } from "node:fs";
import { z } from "zod";
import { errorCode, UnavailableError } from "../../../core/errors.ts";
import { uuidField } from "../../../core/json.ts";
import { readToml } from "../../../core/toml.ts";

const text = (error: string) => z.string({ error }).min(1, { error });
const URL_FORM = "an http or https URL without a user or password";
const KEY_ID = "the number of a registered key, from 1";

const log = z.strictObject({
  /** Where the sequencer listens. */
  url: z.string({ error: URL_FORM }).refine(isPlainUrl, { error: URL_FORM }),
  /** File of mode 0600 with an API key that may write and read events. */
  credential_file: text("a file of mode 0600"),
  tenant: uuidField,
  store: uuidField,
  /** The agent that signs, and its key in [keys]. */
  agent: uuidField,
  key: text("the name of a key"),
  key_id: z
    .int({ error: KEY_ID })
    .min(1, { error: KEY_ID })
    .max(2 ** 32 - 1, { error: KEY_ID })
    .default(1),
});

/** `[incidents]`: where records are kept, and the stream of the log that they are written to. */
export const incidentsSection = z.strictObject({
  folder: text("a folder").default(".proofx/incidents"),
  /** Without it records are on this machine alone. */
  log: log.optional(),
});

export type IncidentSettings = z.output<typeof incidentsSection>;
/** The stream that incidents are written to, and who writes. */
export type IncidentLogSettings = z.output<typeof log>;

const configFile = z.looseObject({ incidents: incidentsSection.prefault({}) });

/**
 * Reads `[incidents]` of a configuration file; defaults without a file.
 *
 * @throws UnavailableError when it cannot be read; InputError naming the setting that is wrong.
 */
export function readIncidentSettings(file: string | undefined): IncidentSettings {
  if (file === undefined) return incidentsSection.parse({});
  let content: string;
  try {
    content = readFileSync(file, "utf8");
  } catch (cause) {
    throw new UnavailableError(`${file} cannot be read (${errorCode(cause)})`, { cause });
  }
  return readToml(configFile, content, file).incidents;
}

function isPlainUrl(given: string): boolean {
  const url = URL.parse(given);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
}
