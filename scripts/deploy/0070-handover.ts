import { type ContractRole, contractOf, saveDeployment } from "../../src/chain/deployment.ts";
import { type RoleHolder, roleHolders } from "../../src/chain/roles.ts";
import { CheckError } from "../../src/core/errors.ts";
import type { DeployContext, DeployStep } from "./step.ts";

const WITH_ROLES: readonly ContractRole[] = ["timelock", "registry", "verifier"];

/** Nothing to hand over, because nothing was ever held: this step proves it from the chain's own logs. */
export const handover: DeployStep = {
  id: "0070-handover",
  title: "Prove from logs that the deployer holds nothing",
  async main(context) {
    const { deployment, provider } = context;
    const blockNumber = await provider.getBlockNumber();
    const holders: RoleHolder[] = [];
    for (const role of WITH_ROLES) holders.push(...(await checkedHolders(context, role, blockNumber)));
    deployment.handover = { blockNumber, checkedRoles: holders.length };
    saveDeployment(deployment);
    return `${holders.length} roles granted, none to the deployer (logs up to block ${blockNumber})`;
  },
};

async function checkedHolders(
  { deployment, provider }: DeployContext,
  role: ContractRole,
  toBlock: number,
): Promise<RoleHolder[]> {
  const { address, blockNumber } = contractOf(deployment, role);
  const holders = await roleHolders(provider, address, blockNumber, toBlock);
  if (holders.length === 0) {
    throw new CheckError(`${role} at ${address}: expected role grants in the logs, got none`, {
      next: "the node may have pruned its logs: use an archive node",
    });
  }
  const held = holders.find(({ account }) => account.toLowerCase() === deployment.deployer.toLowerCase());
  if (held !== undefined) {
    throw new CheckError(`${role}: the deployer ${deployment.deployer} holds ${held.role}`, {
      next: "the admin must revoke it before this deployment is used",
    });
  }
  return holders;
}
