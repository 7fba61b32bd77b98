import { randomUUID } from "node:crypto";
import type { Fault } from "../runbook/fault.ts";

export const fault: Fault = {
  what: "something happened that concerns others",
  async inject(stage) {
    await stage.service("watcher");
    return { INCIDENT: `rehearsal-${randomUUID().slice(0, 8)}` };
  },
};
