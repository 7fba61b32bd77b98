import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { rearmGuardian } from "../../src/chain/changes/index.ts";
import type { ActArguments } from "../support/act.ts";
import { type Build, carryOut } from "../support/carry-out.ts";
import { openDeployedSession } from "../support/session.ts";
import { action, required, type TaskIo, type TaskResult } from "../support/task.ts";
import { parseAddress } from "../support/values.ts";

export interface RearmArguments extends ActArguments {
  readonly guardian: string | undefined;
}

/** Re-arms a guardian. */
export async function rearm(
  args: RearmArguments,
  hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const guardian = parseAddress("--guardian", required("guardian", args.guardian, "an address"));
  const session = await openDeployedSession(hre);
  const build: Build = (context) => rearmGuardian(context, guardian);
  return (await carryOut({ hre, session, args, io }, [build], { data: { guardian } })).result;
}

export default action(rearm);
