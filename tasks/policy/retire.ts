import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { retirePolicy } from "../../src/chain/changes/index.ts";
import type { ActArguments } from "../support/act.ts";
import { type Build, carryOut } from "../support/carry-out.ts";
import { openDeployedSession } from "../support/session.ts";
import { action, required, type TaskIo, type TaskResult } from "../support/task.ts";
import { parseUnsigned } from "../support/values.ts";

export interface RetireArguments extends ActArguments {
  readonly policy: string | undefined;
}

/** Retires a policy. */
export async function retire(
  args: RetireArguments,
  hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const policyId = parseUnsigned("--policy", required("policy", args.policy, "a policy id"), 256);
  const session = await openDeployedSession(hre);
  const build: Build = (context) => retirePolicy(context, policyId);
  return (await carryOut({ hre, session, args, io }, [build], { data: { policyId } })).result;
}

export default action(retire);
