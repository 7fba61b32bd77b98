import type { Fault } from "../runbook/fault.ts";

export const fault: Fault = {
  what: "everything runs, and something is slow",
  async inject(stage) {
    await stage.service("prover");
    await stage.service("relayer");
    return {};
  },
  clear: (stage) => stage.kill("relayer", "SIGINT"),
};
