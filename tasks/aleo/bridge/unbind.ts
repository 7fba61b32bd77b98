import { unbindAgent } from "../../../src/aleo/bridge/bind.ts";
import { parseUuid } from "../../support/log-store.ts";
import { action, type TaskResult } from "../../support/task.ts";
import { accountFor } from "../support/account.ts";
import { type AleoArguments, ledgerOf } from "../support/session.ts";
import { recordData } from "./bind.ts";
import { type AgentArguments, agentId, openStream, type StreamArguments, signingAgent } from "./open.ts";

interface UnbindArguments extends AleoArguments, StreamArguments, AgentArguments {
  readonly key: string | undefined;
  readonly sender: string | undefined;
}

/** Ends a binding, by the agent's word or the account's. */
export async function unbind(args: UnbindArguments): Promise<TaskResult> {
  const { network } = ledgerOf(args).ledger.address;
  const id = agentId(args);
  const sender = args.sender === undefined ? id : parseUuid("--sender", args.sender);
  const agent = await signingAgent(args, sender);
  const account = args.key === undefined ? undefined : await accountFor(args.key);
  const { client, place, signatures } = await openStream(args, network, agent);
  const signer = account && {
    address: account.address,
    sign: async (message: Uint8Array) => account.sign(message),
  };
  const outcome = await unbindAgent({ log: client, place, signatures }, id, signer);
  const { binding } = outcome.record;
  return {
    data: { status: "unbound", by: account === undefined ? "agent" : "account", ...recordData(outcome) },
    lines: [`Agent ${binding.agentId} is not bound to ${binding.aleoAddress} any more`],
  };
}

export default action(unbind);
