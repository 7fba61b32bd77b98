import { readFileSync } from "node:fs";
import type { KeyProvider } from "../../src/core/ports.ts";
import { openKeyProvider, passphraseFromFile } from "../../src/keys/index.ts";
import { atRestSettings, Keyring } from "../../src/sequencer/at-rest/index.ts";
import { openSigners, readIdentity } from "../../src/sequencer/identity/index.ts";
import { createIngest, type Ingest } from "../../src/sequencer/ingest/index.ts";
import { openStore, type Store, storeSettings } from "../../src/sequencer/store/index.ts";
import type { StreamAgent } from "../../test/sequencer/kill/agents.ts";
import type { ChildSettings } from "../../test/sequencer/kill/protocol.ts";
import { makeWorld } from "../../test/sequencer/kill/world.ts";
import type { TestPostgres } from "../../test/support/postgres.ts";

/** At-rest settings of everybody who takes part. */
export const AT_REST = atRestSettings.parse({});

/** What a process needs to be the log's. */
export interface OpenLog {
  readonly store: Store;
  readonly keys: KeyProvider;
}

/** A log on a PostgreSQL that syncs every commit, with a way in from this process. */
export interface IngestWorld extends OpenLog {
  readonly settingsFile: string;
  readonly postgres: TestPostgres;
  /** An agent a stream; all streams are one tenant's. */
  readonly agents: readonly StreamAgent[];
  readonly ingest: Ingest;
  close(): Promise<void>;
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

/** Makes a log with that many streams. */
export async function openWorld(streams: number): Promise<IngestWorld> {
  const { settingsFile, postgres, agents, close } = await makeWorld("postgres", streams);
  if (postgres === undefined) throw new TypeError("a world on PostgreSQL has one");
  const { store, keys } = await openLog(settingsFile);
  const database = store.as("app");
  const ingest = createIngest({
    database,
    sealer: new Keyring(database, keys, AT_REST),
    signers: await openSigners(database, keys),
    identity: await readIdentity(database),
  });
  return {
    settingsFile,
    postgres,
    agents,
    store,
    keys,
    ingest,
    async close() {
      await ingest.close();
      await store.close();
      await close();
    },
  };
}
