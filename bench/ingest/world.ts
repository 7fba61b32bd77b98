import { Keyring } from "../../src/sequencer/at-rest/index.ts";
import { openSigners, readIdentity } from "../../src/sequencer/identity/index.ts";
import { createIngest, type Ingest } from "../../src/sequencer/ingest/index.ts";
import type { StreamAgent } from "../../test/sequencer/kill/agents.ts";
import { AT_REST, type OpenLog, openLog } from "../../test/sequencer/kill/open-log.ts";
import { makeWorld } from "../../test/sequencer/kill/world.ts";
import type { TestPostgres } from "../../test/support/postgres.ts";

/** A log on a PostgreSQL that syncs every commit, with a way in from this process. */
export interface IngestWorld extends OpenLog {
  readonly settingsFile: string;
  readonly postgres: TestPostgres;
  /** An agent a stream; all streams are one tenant's. */
  readonly agents: readonly StreamAgent[];
  readonly ingest: Ingest;
  close(): Promise<void>;
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
