import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { revokeRole } from "../../src/chain/changes/index.ts";
import { action, type TaskIo, type TaskResult } from "../support/task.ts";
import { changeRole, type RoleArguments } from "./grant.ts";

/** Revokes a role: the admin at once, or with `--schedule` the timelock after its delay. */
export function revoke(args: RoleArguments, hre: HardhatRuntimeEnvironment, io: TaskIo): Promise<TaskResult> {
  return changeRole(args, hre, io, (role, account) => (context) => revokeRole(context, role, account));
}

export default action(revoke);
