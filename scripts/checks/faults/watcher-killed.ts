import type { Fault } from "../runbook/fault.ts";

export const fault: Fault = {
  what: "the watcher is killed",
  async inject(stage) {
    await stage.service("watcher");
    await stage.kill("watcher");
    return {};
  },
  clear: (stage) => stage.service("watcher"),
};
