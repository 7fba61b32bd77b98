import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Fault } from "../runbook/fault.ts";
import { STATE_INPUTS } from "../runbook/state-watcher.ts";
import { ROOT } from "../support/process.ts";

const CREDENTIAL = "build/runbooks/revoked.key";

export const fault: Fault = {
  what: "the log refuses the watcher's credential",
  async inject() {
    writeFileSync(join(ROOT, CREDENTIAL), "px_live_nobody\n", { mode: 0o600 });
    return STATE_INPUTS;
  },
  watched: () => ({ watcher: "stall_after = 1", replace: { token_file: `"${CREDENTIAL}"` } }),
};
