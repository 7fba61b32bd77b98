import type { KeyProvider } from "../core/ports.ts";
import { openConfiguredKeys, readKeysSettings } from "../keys/index.ts";
import type { AtRestSettings } from "../sequencer/at-rest/index.ts";
import { type OpenOptions, openStore, type Store } from "../sequencer/store/index.ts";
import { configPath, readSection, type Section, type SectionName } from "./config-file.ts";

/** What works on a log: its database, its keys, and the configuration they come from. */
export interface OpenedLog {
  readonly store: Store;
  readonly keys: KeyProvider;
  readonly atRest: AtRestSettings;
  section<N extends SectionName>(name: N): Section<N>;
}

/**
 * Opens the log that a configuration names; the caller closes the store.
 *
 * @param config `--config`, if it was given.
 * @param options Whether an embedded database is made where there is none; by default that is refused.
 * @throws InputError for settings, RefusedError or UnavailableError for a database that cannot be opened.
 */
export async function openLog(config: string | undefined, options?: OpenOptions): Promise<OpenedLog> {
  const path = configPath(config);
  const section = <N extends SectionName>(name: N): Section<N> => readSection(path, name);
  const atRest = section("at_rest");
  const { keys } = openConfiguredKeys(readKeysSettings(path));
  return { store: await openStore(section("store"), process.env, options), keys, atRest, section };
}
