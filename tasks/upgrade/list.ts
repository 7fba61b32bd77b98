import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import {
  type ChangeContext,
  decodeCall,
  listOperations,
  type Operation,
  stateText,
} from "../../src/chain/changes/index.ts";
import { openDeployedSession } from "../support/session.ts";
import { action, type TaskResult } from "../support/task.ts";

/** Lists every operation that was ever scheduled. */
export async function list(_args: object, hre: HardhatRuntimeEnvironment): Promise<TaskResult> {
  const { provider, deployment, chain } = await openDeployedSession(hre);
  const context: ChangeContext = { provider, deployment };
  const operations = await listOperations(context);
  const decoded = operations.map((operation) => ({
    ...operation,
    calls: operation.calls.map((call) => ({ ...call, ...decodeCall(context, call) })),
  }));
  const lines = operations.flatMap((operation) => operationLines(context, operation));
  return {
    data: { network: chain.network, operations: decoded },
    lines: lines.length > 0 ? lines : [`Nothing was ever scheduled on ${chain.network}`],
  };
}

function operationLines(context: ChangeContext, { id, calls, state }: Operation): string[] {
  return [`${id}  ${stateText(state)}`, ...calls.map((call) => `  ${decodeCall(context, call).description}`)];
}

export default action(list);
