import type { Fault } from "../runbook/fault.ts";
import { registerPolicy } from "../runbook/policies.ts";

export const fault: Fault = {
  what: "a policy is registered that nobody announced",
  async inject(stage) {
    return { POLICY: await registerPolicy(stage, "config/policies/order-cap.toml") };
  },
};
