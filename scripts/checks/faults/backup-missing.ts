import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Fault } from "../runbook/fault.ts";
import { ROOT } from "../support/process.ts";

export const fault: Fault = {
  what: "there is no backup",
  async inject() {
    rmSync(join(ROOT, "build/runbooks/backups"), { recursive: true, force: true });
    return {};
  },
  watched: () => ({}),
};
