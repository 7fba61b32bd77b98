import { renameSync } from "node:fs";
import { join } from "node:path";
import { anchoredLog } from "../runbook/anchored-log.ts";
import type { Fault } from "../runbook/fault.ts";
import { ROOT } from "../support/process.ts";

const BACKUP = "build/runbooks/last-night.gz";

export const fault: Fault = {
  what: "an anchored log's database is gone; there is last night's backup",
  async inject(stage) {
    const { config, folder } = await anchoredLog(stage);
    await stage.sh(`npx proofx log backup --config ${config} --out ${BACKUP}`);
    renameSync(join(ROOT, folder), join(ROOT, `${folder}-lost`));
    return { CONFIG: config, BACKUP };
  },
};
