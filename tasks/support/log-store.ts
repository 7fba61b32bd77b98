import { readFileSync } from "node:fs";
import { z } from "zod";
import { errorCode, InputError, RefusedError, UnavailableError } from "../../src/core/errors.ts";
import { readToml } from "../../src/core/toml.ts";
import { isUuid, UUID_FORM } from "../../src/core/uuid.ts";
import { type AtRestSettings, atRestSettings } from "../../src/sequencer/at-rest/index.ts";
import { openStore, pending, type Store, sqlState, storeSettings } from "../../src/sequencer/store/index.ts";

const INSUFFICIENT_PRIVILEGE = "42501";
const sections = z.looseObject({ store: storeSettings.prefault({}), at_rest: atRestSettings.prefault({}) });

/** A task's hold on the log's database. */
export interface LogSession {
  readonly store: Store;
  readonly atRest: AtRestSettings;
}

/**
 * Opens the log's database for a task: DATABASE_URL, else what the file that PROOFX_CONFIG names says, else `.proofx/log`.
 *
 * @throws RefusedError when another process has the embedded one open, or the schema is not this version's; UnavailableError
 *   when there is no log.
 */
export async function withLogStore<T>(work: (session: LogSession) => Promise<T>): Promise<T> {
  const { store: settings, at_rest: atRest } = readSections(process.env.PROOFX_CONFIG);
  const store = await openStore(settings);
  try {
    const steps = await pending(store.as("owner")).catch((error: unknown) => {
      // Who may keep and not migrate cannot look; the database then says what it lacks.
      if (sqlState(error) === INSUFFICIENT_PRIVILEGE) return [];
      throw error;
    });
    if (steps.length > 0) {
      throw new RefusedError(`the log's database lacks ${steps.length} steps of the schema`, {
        next: "start the sequencer once, or npx proofx log migrate",
      });
    }
    return await work({ store, atRest });
  } finally {
    await store.close();
  }
}

/** The value of an option that is a UUID. */
export function parseUuid(name: string, text: string): string {
  if (isUuid(text)) return text;
  throw InputError.expected(name, UUID_FORM, text);
}

function readSections(file: string | undefined): z.output<typeof sections> {
  if (file === undefined) return sections.parse({});
  try {
    return readToml(sections, readFileSync(file, "utf8"), file);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new UnavailableError(`configuration: ${file} cannot be read (${errorCode(cause)})`, { cause });
  }
}
