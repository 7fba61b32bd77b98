import { startSequencer } from "../../src/services/sequencer/service.ts";
import { sequencerSection } from "../../src/services/sequencer/settings.ts";
import { createLog } from "../../src/services/support/log.ts";
import { openTestAccess } from "../../test/services/sequencer/test-access.ts";
import { AT_REST, openLog } from "./world.ts";

/** The sequencer in a process of its own, for whoever forks it with a file of settings; it ends with its parent. */
const { store, keys } = await openLog(process.argv[2] ?? "");
const settings = sequencerSection.parse({
  log_name: "killed.example",
  http: { port: 0, stop_timeout: 5, body_limit: 2 ** 20 },
});
const service = await startSequencer(settings, {
  store,
  keys,
  atRest: AT_REST,
  log: createLog("sequencer", "error"),
  access: openTestAccess,
});
process.on("message", () => process.send?.({ memory: process.memoryUsage() }));
process.on("disconnect", () => process.exit());
process.send?.({ url: service.url });
