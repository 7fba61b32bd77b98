import type { Fault } from "../runbook/fault.ts";

export const fault: Fault = {
  what: "a policy is registered that nobody announced",
  async inject(stage) {
    const answer = await stage.sh(
      'npx hardhat policy register --network "$NETWORK" --policy config/policies/order-cap.toml --key policy-admin --json 2> /dev/null',
    );
    const { policyId } = JSON.parse(answer.slice(answer.indexOf("{"))) as { policyId: string };
    return { POLICY: String(policyId) };
  },
};
