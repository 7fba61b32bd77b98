import type { Fault } from "../runbook/fault.ts";
import { fault as registered } from "./policy-registered.ts";

export const fault: Fault = {
  what: "a policy that is used is retired",
  async inject(stage) {
    const inputs = await registered.inject(stage);
    await stage.sh(
      `npx hardhat policy retire --network "$NETWORK" --policy ${inputs.POLICY} --key policy-admin`,
    );
    return inputs;
  },
};
