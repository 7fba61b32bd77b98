import type { AleoLedger } from "../ledger.ts";
import { parsePlaintext } from "../replay/plaintext.ts";
import { type AgentEntry, entriesOf, text, type WithdrawalEntry } from "./registry.ts";
import type { AleoProgramState } from "./state-file.ts";

/** One entry that goes into a program, and how it looks once it is there. */
export interface Entry {
  readonly program: string;
  readonly mapping: string;
  readonly key: string;
  /** Function that enters it, with its inputs. */
  readonly function: string;
  readonly inputs: readonly string[];
  /** Members that it must have then; others (when it was entered) do not count. */
  readonly expected: Readonly<Record<string, string>>;
  /** Microcredits that are moved in with it, from whoever enters it. */
  readonly credits: bigint;
}

/** How an entry stands on a ledger: not there, as it should be, or otherwise (a sentence). */
export type EntryStatus = "absent" | "done" | { readonly fault: string };

/** Place of an entry, for people. */
export const placeOf = ({ mapping, key }: Entry): string => `${mapping}[${key}]`;

/** An agent as an entry of a registry. */
export function agentEntry(program: string, agent: AgentEntry): Entry {
  const { owner, stake, score, metricsCommitment, active, registeredAt } = agent;
  const expected = {
    holder: owner,
    stake: `${stake}u64`,
    score: `${score}u32`,
    metrics_commitment: metricsCommitment,
    active: String(active),
    registered_at: `${registeredAt}u32`,
  };
  return {
    program,
    mapping: "agents",
    key: agent.agent,
    function: "migrate_agent",
    inputs: [agent.agent, ...Object.values(expected)],
    expected,
    credits: stake,
  };
}

/** A withdrawal that waits, as an entry of a registry; its agent must be in before it. */
export function withdrawalEntry(program: string, withdrawal: WithdrawalEntry): Entry {
  const { ticket, agent, owner, amount, readyAt } = withdrawal;
  const expected = { agent, holder: owner, amount: `${amount}u64`, ready_at: `${readyAt}u32` };
  return {
    program,
    mapping: "withdrawals",
    key: ticket,
    function: "migrate_withdrawal",
    inputs: [ticket, ...Object.values(expected)],
    expected,
    credits: amount,
  };
}

/** Executions of a verifier's state, as entries of another. */
export function executionEntries(program: string, verifier: AleoProgramState): Entry[] {
  return entriesOf(verifier, "executions").map(([key, value]) => {
    const members = ["agent", "proof_hash", "trust", "verified_at", "attested"];
    const expected = Object.fromEntries(
      members.map((member) => [member, text(value, member, `executions[${key}]`)]),
    );
    const inputs = [key, ...members.map((member) => expected[member] ?? "")];
    return {
      program,
      mapping: "executions",
      key,
      function: "migrate_execution",
      inputs,
      expected,
      credits: 0n,
    };
  });
}

/** Looks whether an entry is on a ledger. */
export async function statusOf(ledger: AleoLedger, entry: Entry): Promise<EntryStatus> {
  const value = await ledger.mapping(entry.program, entry.mapping, entry.key);
  if (value === undefined) return "absent";
  const fault = entryFault(entry, parsePlaintext(value));
  return fault === undefined ? "done" : { fault };
}

/** In what an entry is not as it should be; undefined when it is. */
export function entryFault(entry: Entry, value: ReturnType<typeof parsePlaintext>): string | undefined {
  for (const [member, expected] of Object.entries(entry.expected)) {
    const actual = text(value, member, placeOf(entry));
    if (actual !== expected) return `${placeOf(entry)}.${member} is ${actual}, expected ${expected}`;
  }
  return undefined;
}
