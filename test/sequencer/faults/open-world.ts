import { readFileSync } from "node:fs";
import { openKeyProvider, passphraseFromFile } from "../../../src/keys/index.ts";
import { atRestSettings, Keyring } from "../../../src/sequencer/at-rest/index.ts";
import { openSigners, readIdentity } from "../../../src/sequencer/identity/index.ts";
import { createIngest, type Ingest } from "../../../src/sequencer/ingest/index.ts";
import type { ChildSettings } from "../kill/protocol.ts";
import type { World } from "../kill/world.ts";

/** A world that this process takes events into. */
export interface OpenWorld {
  readonly world: World;
  readonly ingest: Ingest;
  /** Every event that is stored, by stream and place. */
  stored(): Promise<{ store: string; sequence: bigint; eventId: string }[]>;
  close(): Promise<void>;
}

export async function openWorld(world: World): Promise<OpenWorld> {
  const settings = JSON.parse(readFileSync(world.settingsFile, "utf8")) as ChildSettings;
  const store = await world.open();
  const keys = openKeyProvider({
    folder: settings.keys,
    passphrase: passphraseFromFile(settings.passphraseFile),
  });
  const database = store.as("app");
  const sealer = new Keyring(database, keys, atRestSettings.parse({}));
  const signers = await openSigners(database, keys);
  const ingest = createIngest({ database, sealer, signers, identity: await readIdentity(database) });
  return {
    world,
    ingest,
    stored: () =>
      store
        .as("owner")
        .transaction(null, (sql) =>
          sql.query(
            `SELECT store_id AS store, sequence, event_id AS "eventId" FROM proofx.events ORDER BY store_id, sequence`,
          ),
        ),
    async close() {
      await ingest.close();
      await store.close();
    },
  };
}
