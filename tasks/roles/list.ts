import { getAddress } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import {
  ADMINISTERED,
  type AdministeredContract,
  type ChangeContext,
  pendingTransfer,
} from "../../src/chain/changes/index.ts";
import { actualRoles, expectedRoles, type RoleState } from "../../src/chain/role-check.ts";
import { type DeployedSession, openDeployedSession } from "../support/session.ts";
import { action, type TaskResult } from "../support/task.ts";

interface Transfer {
  readonly contract: AdministeredContract;
  readonly newAdmin: string;
  /** Unix time (s). */
  readonly acceptableFrom: bigint;
}

/** Lists who holds what on all three contracts, replayed from logs and compared with the contracts' state. */
export async function listRoles(_args: object, hre: HardhatRuntimeEnvironment): Promise<TaskResult> {
  const session = await openDeployedSession(hre);
  const { provider, deployment, chain } = session;
  const logged = await actualRoles(provider, deployment, await provider.getBlockNumber());
  const states = [...logged, ...expectedRoles(deployment).filter((role) => !isAmong(logged, role))];
  const roles = await Promise.all(states.map((state) => confirmed(session, state)));
  const transfers = await pendingTransfers({ provider, deployment });
  return {
    data: { network: chain.network, roles, transfers },
    lines: [
      ...roles.flatMap(({ contract, role, accounts }) =>
        (accounts.length === 0 ? ["nobody"] : accounts).map((account, index) =>
          roleLine(session, index === 0 ? [contract, role] : ["", ""], account),
        ),
      ),
      ...(transfers.length === 0
        ? ["No transfer of the default admin is pending"]
        : transfers.map(transferLine)),
    ],
  };
}

/** A role that nobody holds any more has no holder in the logs. */
function isAmong(states: readonly RoleState[], { contract, role }: RoleState): boolean {
  return states.some((state) => state.contract === contract && state.role === role);
}

/** Leaves out whom the contract itself does not know as a holder: logs tell the history, the state decides. */
async function confirmed({ contracts }: DeployedSession, state: RoleState): Promise<RoleState> {
  const held = await Promise.all(
    state.accounts.map((account) => contracts[state.contract].hasRole(state.roleHash, account)),
  );
  const { contract, role, roleHash } = state;
  return {
    contract,
    role,
    roleHash,
    accounts: state.accounts.filter((_, index) => held[index]).map((account) => getAddress(account)),
  };
}

async function pendingTransfers(context: ChangeContext): Promise<Transfer[]> {
  const found = await Promise.all(
    ADMINISTERED.map(async (contract) => {
      const pending = await pendingTransfer(context, contract);
      return pending === undefined
        ? []
        : [{ contract, newAdmin: pending.newAdmin, acceptableFrom: pending.acceptableAfter + 1n }];
    }),
  );
  return found.flat();
}

function roleLine(
  { deployment }: DeployedSession,
  [contract, role]: readonly string[],
  account: string,
): string {
  const timelock = deployment.contracts.timelock?.address;
  const name = timelock !== undefined && getAddress(timelock) === account ? "  (the timelock)" : "";
  return `${(contract ?? "").padEnd(10)} ${(role ?? "").padEnd(20)} ${account}${name}`;
}

function transferLine({ contract, newAdmin, acceptableFrom }: Transfer): string {
  const when = new Date(Number(acceptableFrom) * 1000).toISOString();
  return `Pending: the ${contract}'s default admin passes to ${newAdmin}, who may accept it from ${when}`;
}

export default action(listRoles);
