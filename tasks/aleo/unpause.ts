import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { action, type TaskIo, type TaskResult } from "../support/task.ts";
import { type SwitchArguments, switchPrograms } from "./support/switch.ts";

/** Lets one program or both go on. */
export function unpauseAleo(
  args: SwitchArguments,
  _hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  return switchPrograms(args, io, "running");
}

export default action(unpauseAleo);
