import { flushCompileCache } from "node:module";
import { accessSettings } from "../../../src/sequencer/auth/index.ts";
import { startSequencer } from "../../../src/services/sequencer/service.ts";
import { sequencerSection } from "../../../src/services/sequencer/settings.ts";
import { createLog } from "../../../src/services/support/log.ts";
import { AT_REST, openLog } from "./open-log.ts";

/** The sequencer in a process of its own, which lives until it is killed, or its parent ends. */
const { store, keys } = await openLog(process.argv[2] ?? "");
/** The way in is looked at, not what keeps one client from taking all of it. */
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
// Asked what it holds, it answers once garbage is collected.
process.on("message", () => {
  globalThis.gc?.();
  process.send?.({ memory: process.memoryUsage() });
});
process.on("disconnect", () => process.exit());
// Node keeps what it compiled when a process ends in order, which this one seldom does.
flushCompileCache();
process.send?.({ url: service.url });
