import type { Fault } from "../runbook/fault.ts";
import { prometheusOf } from "../runbook/prometheus.ts";

export const fault: Fault = {
  what: "the watcher is killed",
  beside: true,
  async before(stage) {
    await stage.service("watcher");
    await (await prometheusOf(stage)).sees("watcher");
  },
  async inject(stage) {
    await stage.kill("watcher");
    return {};
  },
  clear: (stage) => stage.service("watcher"),
};
