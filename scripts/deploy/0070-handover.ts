import { saveDeployment } from "../../src/chain/deployment.ts";
import { accountsOf, actualRoles, expectedRoles, type RoleState } from "../../src/chain/role-check.ts";
import { CheckError } from "../../src/core/errors.ts";
import type { DeployStep } from "./step.ts";

/** Nothing to hand over, because nothing was ever held: this step proves it from the chain's own logs. */
export const handover: DeployStep = {
  id: "0070-handover",
  title: "Prove from logs that the deployer holds nothing",
  async main({ deployment, provider }) {
    if (deployment.handover !== undefined) return `proved at block ${deployment.handover.blockNumber}`;
    const blockNumber = await provider.getBlockNumber();
    const roles = await actualRoles(provider, deployment, blockNumber);
    refuseDeployer(roles, deployment.deployer);
    for (const { contract, role, accounts } of expectedRoles(deployment)) {
      const got = accountsOf(roles, contract, role);
      if (got.join() !== accounts.join()) {
        throw new CheckError(
          `${contract}, ${role}: expected ${accounts.join(", ") || "nobody"}, got ${got.join(", ") || "nobody"}`,
          { next: "do not use this deployment" },
        );
      }
    }
    const checkedRoles = roles.reduce((sum, { accounts }) => sum + accounts.length, 0);
    deployment.handover = { blockNumber, checkedRoles };
    saveDeployment(deployment);
    return `${checkedRoles} roles granted as the settings say, none to the deployer (logs up to block ${blockNumber})`;
  },
};

function refuseDeployer(roles: readonly RoleState[], deployer: string): void {
  const held = roles.find(({ accounts }) => accounts.includes(deployer.toLowerCase()));
  if (held === undefined) return;
  throw new CheckError(`${held.contract}: the deployer ${deployer} holds ${held.role}`, {
    next: "do not use this deployment",
  });
}
