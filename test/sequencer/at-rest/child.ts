// A process of its own beside a test: `child.ts prepare AGENTS`, or `child.ts reencrypt before|after|never`, which kills itself around
// the end of its first batch's transaction. DATABASE_URL is the database, PROOFX_KEYS the keystore.

import { Keyring, reencrypt } from "../../../src/sequencer/at-rest/index.ts";
import { type Database, openPostgres } from "../../../src/sequencer/store/index.ts";
import { open } from "../../keys/support.ts";
import { SETTINGS, TENANT } from "./support.ts";

const [act, argument = ""] = process.argv.slice(2);
const store = await openPostgres(process.env.DATABASE_URL ?? "");
const keys = open(process.env.PROOFX_KEYS ?? "");
const kill = () => process.kill(process.pid, "SIGKILL");

/** The database, with a kill -9 after a batch's last statement and before its commit. */
function killedBeforeCommit(db: Database): Database {
  return {
    ...db,
    transaction: (tenant, work) =>
      db.transaction(tenant, async (sql) => {
        let isBatch = false;
        const result = await work({
          query: (text, values) => {
            isBatch ||= text.includes("INSERT INTO proofx.keeper_jobs");
            return sql.query(text, values);
          },
        });
        if (isBatch) kill();
        return result;
      }),
  };
}

if (act === "prepare") {
  const keyring = new Keyring(store.as("app"), keys, SETTINGS);
  const agents = argument.split(",");
  const ids = await Promise.all(
    agents.map(async (agent) => (await keyring.dataKeyFor({ tenant: TENANT, agent })).id),
  );
  console.log(ids.join(" "));
} else {
  const db = argument === "before" ? killedBeforeCommit(store.as("keeper")) : store.as("keeper");
  const keyring = new Keyring(store.as("keeper"), keys, SETTINGS);
  const onBatch = argument === "after" ? kill : () => {};
  const results = await reencrypt(db, keyring, { legacyKeys: [], dryRun: false, batch: 4, onBatch });
  console.log(JSON.stringify(results));
}
await store.close();
