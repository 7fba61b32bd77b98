import type { Fault } from "../runbook/fault.ts";
import { prometheusOf } from "../runbook/prometheus.ts";

export const fault: Fault = {
  what: "the relayer is killed",
  beside: true,
  alertLabels: { job: "relayer" },
  async before(stage) {
    await stage.service("relayer");
    await (await prometheusOf(stage)).sees("relayer");
  },
  async inject(stage) {
    await stage.kill("relayer");
    return {};
  },
  clear: (stage) => stage.service("relayer"),
};
