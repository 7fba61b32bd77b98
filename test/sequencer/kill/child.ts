import { readFileSync } from "node:fs";
import { receiptToJson } from "../../../src/core/log/index.ts";
import { openKeyProvider, passphraseFromFile } from "../../../src/keys/index.ts";
import { atRestSettings, Keyring } from "../../../src/sequencer/at-rest/index.ts";
import { openSigners, readIdentity } from "../../../src/sequencer/identity/index.ts";
import { createIngest, Refusal } from "../../../src/sequencer/ingest/index.ts";
import { openStore, storeSettings } from "../../../src/sequencer/store/index.ts";
import type { Answer, ChildSettings, Request } from "./protocol.ts";

/** A process that takes events in, and lives until it is killed. */
const settings = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as ChildSettings;
const store = await openStore(storeSettings.parse({ folder: settings.folder }), {
  ...(settings.url === undefined ? {} : { DATABASE_URL: settings.url }),
});
const keys = openKeyProvider({
  folder: settings.keys,
  passphrase: passphraseFromFile(settings.passphraseFile),
});
const database = store.as("app");
const sealer = new Keyring(database, keys, atRestSettings.parse({}));
const signers = await openSigners(database, keys);
const ingest = createIngest({ database, sealer, signers, identity: await readIdentity(database) });

process.on("message", async ({ id, tenant, storeId, event }: Request) => {
  const answer: Answer = await ingest.submit({ tenant }, storeId, event).then(
    ({ receipt }) => ({ id, receipt: receiptToJson(receipt) }),
    (error: unknown) => ({ id, refused: error instanceof Refusal ? error.code : String(error) }),
  );
  process.send?.(answer);
});
process.on("disconnect", () => process.exit());
process.send?.({ ready: true });
