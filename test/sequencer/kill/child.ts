import { flushCompileCache } from "node:module";
import { receiptToJson } from "../../../src/core/log/index.ts";
import { Keyring } from "../../../src/sequencer/at-rest/index.ts";
import { openSigners, readIdentity } from "../../../src/sequencer/identity/index.ts";
import { createIngest, Refusal } from "../../../src/sequencer/ingest/index.ts";
import { AT_REST, openLog } from "./open-log.ts";
import type { Answer, Asked } from "./protocol.ts";

/** A process that takes events in, and lives until it is killed. */
const { store, keys } = await openLog(process.argv[2] ?? "");
const database = store.as("app");
const sealer = new Keyring(database, keys, AT_REST);
const signers = await openSigners(database, keys);
const ingest = createIngest({ database, sealer, signers, identity: await readIdentity(database) });

process.on("message", async ({ id, tenant, storeId, event }: Asked) => {
  const answer: Answer = await ingest.submit({ tenant }, storeId, event).then(
    ({ receipt }) => ({ id, receipt: receiptToJson(receipt) }),
    (error: unknown) => ({ id, refused: error instanceof Refusal ? error.code : String(error) }),
  );
  process.send?.(answer);
});
process.on("disconnect", () => process.exit());
// Node keeps what it compiled when a process ends in order, as none of these does: every one would compile it all again.
flushCompileCache();
process.send?.({ ready: true });
