import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { ActArguments } from "../support/act.ts";
import { openDeployedSession } from "../support/session.ts";
import { action, type TaskIo, type TaskResult } from "../support/task.ts";
import { executeOperation } from "../support/through-timelock.ts";
import { chooseOperation } from "./choose.ts";
import { noteImplementation } from "./note.ts";

export interface ExecuteArguments extends ActArguments {
  readonly operation: string | undefined;
  readonly wait: boolean;
}

/** Executes an operation whose delay is over, or waits for it. */
export async function execute(
  args: ExecuteArguments,
  hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const session = await openDeployedSession(hre);
  const { provider, deployment } = session;
  const operation = await chooseOperation({ provider, deployment }, args.operation);
  const result = await executeOperation({ hre, session, args, io }, operation);
  await noteImplementation(session);
  return result;
}

export default action(execute);
