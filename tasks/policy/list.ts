import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { openDeployedSession } from "../support/session.ts";
import { action, type TaskResult } from "../support/task.ts";
import { formatCategories } from "../support/values.ts";

/** Lists every policy ever registered. */
export async function listPolicies(_args: object, hre: HardhatRuntimeEnvironment): Promise<TaskResult> {
  const { contracts, chain } = await openDeployedSession(hre);
  const count = await contracts.verifier.policyCount();
  const policies = [];
  for (let policyId = 1n; policyId <= count; policyId++) {
    const { parameters, policyHash, active } = await contracts.verifier.policy(policyId);
    const { weights, lower, upper, categoryMask } = parameters;
    policies.push({ policyId, weights: [...weights], lower, upper, categoryMask, policyHash, active });
  }
  const lines = policies.map(
    ({ policyId, weights, lower, upper, categoryMask, active }) =>
      `${String(policyId).padStart(4)}  ${active ? "active " : "retired"}  ` +
      `${lower} <= [${weights.join(", ")}] * amounts <= ${upper}, categories ${formatCategories(categoryMask)}`,
  );
  return {
    data: { network: chain.network, policies },
    lines: lines.length > 0 ? lines : [`No policies on ${chain.network} yet`],
  };
}

export default action(listPolicies);
