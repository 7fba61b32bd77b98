import type { Fault } from "../runbook/fault.ts";
import { spareLog } from "../runbook/spare-log.ts";

export const fault: Fault = {
  what: "a log that is stopped",
  async inject(stage) {
    const { config } = await spareLog(stage);
    return { CONFIG: config, NAME: "log-master.next" };
  },
};
