import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { type GrantableRole, grantRole, parseRole } from "../../src/chain/changes/index.ts";
import type { Build } from "../support/carry-out.ts";
import { carryOut } from "../support/carry-out.ts";
import { openDeployedSession } from "../support/session.ts";
import { action, required, type TaskIo, type TaskResult } from "../support/task.ts";
import { type TimelockArguments, throughTimelock } from "../support/through-timelock.ts";
import { parseAddress } from "../support/values.ts";

export interface RoleArguments extends TimelockArguments {
  readonly role: string | undefined;
  readonly account: string | undefined;
  readonly schedule: boolean;
}

/** Grants a role: the admin at once, or with `--schedule` the timelock after its delay. */
export function grant(args: RoleArguments, hre: HardhatRuntimeEnvironment, io: TaskIo): Promise<TaskResult> {
  return changeRole(args, hre, io, (role, account) => (context) => grantRole(context, role, account));
}

/** Grants or revokes, by the builder that is given. */
export async function changeRole(
  args: RoleArguments,
  hre: HardhatRuntimeEnvironment,
  io: TaskIo,
  builder: (role: GrantableRole, account: string) => Build,
): Promise<TaskResult> {
  const role = parseRole(required("role", args.role, "the name of a role, e.g. SIGNER_ROLE"));
  const account = parseAddress("--account", required("account", args.account, "an address"));
  const session = await openDeployedSession(hre);
  const work = { hre, session, args, io };
  const data = { role, account };
  if (args.schedule) return throughTimelock(work, builder(role, account), data);
  return (await carryOut(work, [builder(role, account)], { data })).result;
}

export default action(grant);
