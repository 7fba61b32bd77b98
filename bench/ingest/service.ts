import { accessSettings, insertApiKey, newApiKey } from "../../src/sequencer/auth/index.ts";
import { readIdentity } from "../../src/sequencer/identity/index.ts";
import { startSequencer } from "../../src/services/sequencer/service.ts";
import { sequencerSection } from "../../src/services/sequencer/settings.ts";
import { createLog } from "../../src/services/support/log.ts";
import { AT_REST, openLog } from "./world.ts";

/** The sequencer in a process of its own, for whoever forks it with a file of settings; it ends with its parent. */
const { store, keys } = await openLog(process.argv[2] ?? "");
/** The way in is measured, not what keeps one client from taking all of it. */
const UNBOUNDED = { rate: 1_000_000, burst: 1_000_000 };
const settings = sequencerSection.parse({
  log_name: "killed.example",
  http: { port: 0, stop_timeout: 5, body_limit: 2 ** 20 },
});
const service = await startSequencer(settings, {
  store,
  keys,
  atRest: AT_REST,
  log: createLog("sequencer", "error"),
  access: accessSettings.parse({ rates: { events_ingest: UNBOUNDED } }),
});
process.on("message", () => {
  globalThis.gc?.();
  process.send?.({ memory: process.memoryUsage() });
});
process.on("disconnect", () => process.exit());
const { operatorTenant } = await readIdentity(store.as("app"));
const keeper = store.as("keeper");
const [row] = await keeper.transaction(null, (sql) =>
  sql.query<{ tenant: string }>("SELECT tenant_id AS tenant FROM proofx.tenants WHERE tenant_id <> $1", [
    operatorTenant,
  ]),
);
const key = newApiKey("bench");
await insertApiKey(keeper, key, { tenant: row?.tenant ?? "", role: "admin", name: "benchmark" });
process.send?.({ url: service.url, credential: key.text });
