import { readFileSync } from "node:fs";
import type { KeyProvider } from "../../../src/core/ports.ts";
import { openKeyProvider, passphraseFromFile } from "../../../src/keys/index.ts";
import { atRestSettings } from "../../../src/sequencer/at-rest/index.ts";
import { openStore, type Store, storeSettings } from "../../../src/sequencer/store/index.ts";
import type { ChildSettings } from "./protocol.ts";

/** At-rest settings of everybody who takes part. */
export const AT_REST = atRestSettings.parse({});

/** What a process needs to be the log's. */
export interface OpenLog {
  readonly store: Store;
  readonly keys: KeyProvider;
}

/** Opens the log that a file of settings names. */
export async function openLog(settingsFile: string): Promise<OpenLog> {
  const settings = JSON.parse(readFileSync(settingsFile, "utf8")) as ChildSettings;
  const store = await openStore(
    storeSettings.parse({ folder: settings.folder }),
    settings.url === undefined ? {} : { DATABASE_URL: settings.url },
  );
  const passphrase = passphraseFromFile(settings.passphraseFile);
  return { store, keys: openKeyProvider({ folder: settings.keys, passphrase }) };
}
