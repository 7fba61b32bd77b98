import { type BindingOutcome, bindAgent } from "../../../src/aleo/bridge/bind.ts";
import { toHex } from "../../../src/core/bytes.ts";
import { action, type TaskResult } from "../../support/task.ts";
import { parseUnsigned } from "../../support/values.ts";
import { accountFor } from "../support/account.ts";
import { type AleoArguments, ledgerOf } from "../support/session.ts";
import { type AgentArguments, openStream, type StreamArguments, signingAgent } from "./open.ts";

interface BindArguments extends AleoArguments, StreamArguments, AgentArguments {
  readonly key: string | undefined;
  readonly lifetime: string | undefined;
}

const YEAR = "31536000";

/** Binds an agent to an Aleo account by both keys. The ledger's URL says which network; nothing is asked of it. */
export async function bind(args: BindArguments): Promise<TaskResult> {
  const { network } = ledgerOf(args).ledger.address;
  const agent = await signingAgent(args);
  const account = await accountFor(args.key);
  const lifetime = parseUnsigned("--lifetime", args.lifetime ?? YEAR, 63);
  const { client, place, signatures } = await openStream(args, network, agent);
  const signer = { address: account.address, sign: async (message: Uint8Array) => account.sign(message) };
  const outcome = await bindAgent({ log: client, place, signatures }, agent, signer, lifetime);
  const { binding } = outcome.record;
  return {
    data: { status: outcome.already ? "already" : "bound", ...recordData(outcome) },
    lines: [
      `Agent ${binding.agentId} is bound to ${binding.aleoAddress}${outcome.already ? ", and was before" : ""}`,
      `  for ${binding.program} on ${binding.network}, at sequence ${outcome.record.sequence}, nonce ${binding.nonce}`,
      `  until ${instant(binding.expiry)}`,
    ],
  };
}

/** A binding as `--json` shows it. */
export function recordData({ record: { binding, hash, sequence } }: Pick<BindingOutcome, "record">) {
  const { agentId, aleoAddress, network, program, nonce, expiry } = binding;
  return { agentId, aleoAddress, network, program, nonce, expiry, sequence, bindingHash: toHex(hash) };
}

/** A Unix time (s) as people read it; a number beyond what a date can say. */
export function instant(seconds: bigint): string {
  return seconds < 253_402_300_800n ? new Date(Number(seconds) * 1000).toISOString() : `${seconds}`;
}

export default action(bind);
