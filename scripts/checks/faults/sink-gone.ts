import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Fault } from "../runbook/fault.ts";
import type { Stage } from "../runbook/stage.ts";
import { STATE_INPUTS, type StateSettings, watchState } from "../runbook/state-watcher.ts";
import { ROOT } from "../support/process.ts";

const SECRET = "build/runbooks/sink-secret";

/** A full disk is told to an address that answers, and refuses: the log's, which has no such route. */
const settings = ({ env }: Stage): StateSettings => ({
  health: "disk_free = 0.999999",
  more: `[[alerts.sink]]\nkind = "webhook"\nname = "ops"\nurl = "${env.SEQUENCER}/alerts"\nsecret_file = "${SECRET}"`,
});

export const fault: Fault = {
  what: "a sink's address is gone",
  async inject() {
    writeFileSync(join(ROOT, SECRET), `${randomBytes(32).toString("hex")}\n`, { mode: 0o600 });
    return STATE_INPUTS;
  },
  watched: settings,
  async afterWatched(stage) {
    await stage.sh(
      `for i in $(seq 60); do ls build/runbooks/state/alerts/dead-letters/*.json > /dev/null 2>&1 && exit; sleep 0.25; done; exit 1`,
    );
    // It looks for them when it starts, and each minute.
    await watchState(stage, settings(stage), true);
  },
};
