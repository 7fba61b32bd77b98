import type { Fault } from "../runbook/fault.ts";

export const fault: Fault = {
  what: "a relayer waits for work",
  async inject(stage) {
    await stage.service("relayer");
    return {};
  },
};
