import type { Fault } from "../runbook/fault.ts";

export const fault: Fault = {
  what: "contracts that are there, and a prover",
  async inject(stage) {
    await stage.service("prover");
    return { SETTINGS: "build/story/deploy.toml" };
  },
};
