import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { cancel } from "../../src/chain/changes/index.ts";
import type { ActArguments } from "../support/act.ts";
import { type Build, carryOut } from "../support/carry-out.ts";
import { openDeployedSession } from "../support/session.ts";
import { action, type TaskIo, type TaskResult } from "../support/task.ts";
import { chooseOperation } from "./choose.ts";

export interface CancelArguments extends ActArguments {
  readonly operation: string | undefined;
}

/** Cancels an operation. */
export async function cancelOperation(
  args: CancelArguments,
  hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const session = await openDeployedSession(hre);
  const { provider, deployment } = session;
  const operation = await chooseOperation({ provider, deployment }, args.operation);
  const build: Build = (context) => cancel(context, operation);
  const data = { operationId: operation.id };
  return (await carryOut({ hre, session, args, io }, [build], { data })).result;
}

export default action(cancelOperation);
