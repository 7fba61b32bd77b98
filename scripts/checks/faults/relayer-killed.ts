import type { Fault } from "../runbook/fault.ts";

export const fault: Fault = {
  what: "the relayer is killed",
  async inject(stage) {
    await stage.service("relayer");
    await stage.kill("relayer");
    return {};
  },
};
