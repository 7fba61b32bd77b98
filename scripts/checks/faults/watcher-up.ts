import type { Fault } from "../runbook/fault.ts";

export const fault: Fault = {
  what: "the watcher watches",
  async inject(stage) {
    await stage.service("watcher");
    return {};
  },
};
