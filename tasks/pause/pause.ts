import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { pause } from "../../src/chain/changes/index.ts";
import type { ActArguments } from "../support/act.ts";
import { type Build, carryOut } from "../support/carry-out.ts";
import { openDeployedSession } from "../support/session.ts";
import { action, type TaskIo, type TaskResult } from "../support/task.ts";

export interface PauseArguments extends ActArguments {
  readonly renew: boolean;
}

/** Pauses attesting. */
export async function pauseAttesting(
  args: PauseArguments,
  hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const session = await openDeployedSession(hre);
  const build: Build = (context) => pause(context, { renew: args.renew });
  return (await carryOut({ hre, session, args, io }, [build])).result;
}

export default action(pauseAttesting);
