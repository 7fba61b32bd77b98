import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { unpause } from "../../src/chain/changes/index.ts";
import type { ActArguments } from "../support/act.ts";
import { carryOut } from "../support/carry-out.ts";
import { openDeployedSession } from "../support/session.ts";
import { action, type TaskIo, type TaskResult } from "../support/task.ts";

/** Resumes attesting. */
export async function resumeAttesting(
  args: ActArguments,
  hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const session = await openDeployedSession(hre);
  return (await carryOut({ hre, session, args, io }, [unpause])).result;
}

export default action(resumeAttesting);
