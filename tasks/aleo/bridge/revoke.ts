import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { planRevocation } from "../../../src/aleo/bridge/attestor.ts";
import { action, type TaskIo, type TaskResult } from "../../support/task.ts";
import { accountFor } from "../support/account.ts";
import { type AleoActArguments, carryOut } from "../support/carry-out.ts";
import { openAleoSession } from "../support/session.ts";
import { changeOf } from "./attest.ts";
import { type AgentArguments, agentId } from "./open.ts";

interface RevokeArguments extends AleoActArguments, Pick<AgentArguments, "agent"> {}

/** Takes an attestation away. */
export async function revoke(
  args: RevokeArguments,
  _hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const session = await openAleoSession(args);
  const id = agentId(args);
  const { address } = await accountFor(args.key);
  const plan = await planRevocation({ ledger: session.ledger, address }, id);
  if (plan.call === undefined) throw new TypeError("a revocation is a call");
  const data = { agent: id, act: plan.act, reason: plan.reason };
  return (await carryOut({ session, args, io }, [changeOf(plan, plan.call, { agentId: id })], data)).result;
}

export default action(revoke);
