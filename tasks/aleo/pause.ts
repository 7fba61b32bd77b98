import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { action, type TaskIo, type TaskResult } from "../support/task.ts";
import { type SwitchArguments, switchPrograms } from "./support/switch.ts";

/** Pauses one program or both. */
export function pauseAleo(
  args: SwitchArguments,
  _hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  return switchPrograms(args, io, "paused");
}

export default action(pauseAleo);
