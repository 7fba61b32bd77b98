import { anchoredLog } from "../runbook/anchored-log.ts";
import type { Fault } from "../runbook/fault.ts";

export const fault: Fault = {
  what: "a log whose events are all older than what is kept",
  async inject(stage) {
    const { config } = await anchoredLog(stage);
    return { CONFIG: config, BEFORE: new Date().toISOString() };
  },
};
