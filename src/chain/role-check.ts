import type { Provider } from "ethers";
import { CheckError } from "../core/errors.ts";
import { contractOf, type Deployment } from "./deployment.ts";
import { type RoleHolder, roleHash, roleHolders } from "./roles.ts";

const CONTRACTS = ["timelock", "registry", "verifier"] as const;
type ContractWithRoles = (typeof CONTRACTS)[number];

/** A role of one of the deployment's contracts and who holds it. */
export interface RoleState {
  readonly contract: ContractWithRoles;
  readonly role: string;
  /** What the contract knows the role by; 32 bytes, 0x hex. */
  readonly roleHash: string;
  /** Addresses in lower case, sorted. */
  readonly accounts: readonly string[];
}

/** A role as a deployment should have it. */
export interface ExpectedRole extends RoleState {
  /** The admin may change its holders at any time; the others only change through the timelock or a transfer. */
  readonly grantable: boolean;
  /** The role whose holders grant and revoke it. */
  readonly governor: string;
}

/** Every role and its holders, as the settings say. */
export function expectedRoles(deployment: Deployment): ExpectedRole[] {
  const { admin, guardians, signers, policyAdmins } = deployment.settings;
  const timelock = [contractOf(deployment, "timelock").address];
  const fixed = (contract: ContractWithRoles, role: string, accounts: readonly string[]): ExpectedRole => ({
    contract,
    role,
    roleHash: roleHash(role),
    accounts: normal(accounts),
    grantable: false,
    governor: "DEFAULT_ADMIN_ROLE",
  });
  // What is the timelock's nobody else hands out, the default admin neither.
  const itsOwn = (contract: ContractWithRoles, role: string): ExpectedRole => ({
    ...fixed(contract, role, timelock),
    governor: role,
  });
  const grantable = (...parts: Parameters<typeof fixed>) => ({ ...fixed(...parts), grantable: true });
  return [
    fixed("timelock", "DEFAULT_ADMIN_ROLE", timelock),
    fixed("timelock", "PROPOSER_ROLE", [admin]),
    fixed("timelock", "CANCELLER_ROLE", [admin]),
    fixed("timelock", "EXECUTOR_ROLE", [admin]),
    fixed("registry", "DEFAULT_ADMIN_ROLE", [admin]),
    itsOwn("registry", "REOPENER_ROLE"),
    grantable("registry", "GUARDIAN_ROLE", guardians),
    fixed("verifier", "DEFAULT_ADMIN_ROLE", [admin]),
    itsOwn("verifier", "UPGRADER_ROLE"),
    itsOwn("verifier", "CIRCUIT_ROLE"),
    grantable("verifier", "PAUSER_ROLE", guardians),
    grantable("verifier", "SIGNER_ROLE", signers),
    grantable("verifier", "POLICY_ROLE", policyAdmins),
  ];
}

/**
 * Every role and its holders, replayed from the chain's logs up to a block.
 *
 * @throws CheckError when a contract has no role logs at all: the node has pruned them.
 */
export async function actualRoles(
  provider: Provider,
  deployment: Deployment,
  toBlock: number,
): Promise<RoleState[]> {
  const states: RoleState[] = [];
  for (const contract of CONTRACTS) {
    const { address, blockNumber } = contractOf(deployment, contract);
    const holders = await roleHolders(provider, address, blockNumber, toBlock);
    if (holders.length === 0) {
      throw new CheckError(`${contract} at ${address}: expected role grants in the logs, got none`, {
        next: "the node may have pruned its logs: use an archive node",
      });
    }
    states.push(...byRole(contract, holders));
  }
  return states;
}

/** Who holds a role; empty when nobody does. */
export function accountsOf(states: readonly RoleState[], contract: string, role: string): readonly string[] {
  return states.find((state) => state.contract === contract && state.role === role)?.accounts ?? [];
}

function byRole(contract: ContractWithRoles, holders: readonly RoleHolder[]): RoleState[] {
  const roles = [...new Set(holders.map(({ role }) => role))];
  return roles.map((role) => ({
    contract,
    role,
    roleHash: roleHash(role),
    accounts: normal(holders.filter((holder) => holder.role === role).map(({ account }) => account)),
  }));
}

function normal(accounts: readonly string[]): string[] {
  return accounts.map((account) => account.toLowerCase()).sort();
}
