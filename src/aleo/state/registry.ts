import { CheckError } from "../../core/errors.ts";
import { isList, type Plaintext } from "../replay/plaintext.ts";
import type { AleoProgramState } from "./state-file.ts";

/** Numbers that the registry's program fixes. Stakes in microcredits. */
export const LIMITS = { minStake: 1_000n, maxStake: 1_000_000_000n, score: 10_000 } as const;

/** Keys of the mapping `totals`. */
export const TOTAL = {
  staked: "0u8",
  waiting: "1u8",
  slashPot: "2u8",
  agents: "3u8",
  potWithdrawn: "4u8",
} as const;

/** An agent as the registry keeps it. */
export interface AgentEntry {
  /** `123field`. */
  readonly agent: string;
  readonly owner: string;
  /** Microcredits. */
  readonly stake: bigint;
  readonly score: number;
  readonly metricsCommitment: string;
  readonly active: boolean;
  /** A height. */
  readonly registeredAt: number;
}

/** Credits that wait to leave. */
export interface WithdrawalEntry {
  readonly ticket: string;
  readonly agent: string;
  readonly owner: string;
  readonly amount: bigint;
  readonly readyAt: number;
}

/** Agents of a registry's state, by key. @throws CheckError for an entry of another shape. */
export function agentsOf(registry: AleoProgramState): AgentEntry[] {
  return entriesOf(registry, "agents").map(([agent, value]) => ({
    agent,
    owner: ownerOf(value, agent),
    stake: integer(value, "stake", agent),
    score: Number(integer(value, "score", agent)),
    metricsCommitment: text(value, "metrics_commitment", agent),
    active: text(value, "active", agent) === "true",
    registeredAt: Number(integer(value, "registered_at", agent)),
  }));
}

/** Withdrawals that wait, by ticket. @throws CheckError likewise. */
export function withdrawalsOf(registry: AleoProgramState): WithdrawalEntry[] {
  return entriesOf(registry, "withdrawals").map(([ticket, value]) => ({
    ticket,
    agent: text(value, "agent", ticket),
    owner: ownerOf(value, ticket),
    amount: integer(value, "amount", ticket),
    readyAt: Number(integer(value, "ready_at", ticket)),
  }));
}

/** One of the registry's totals; 0 before it was first counted. */
export function totalOf(registry: AleoProgramState, key: string): bigint {
  const value = registry.mappings.totals?.[key];
  return value === undefined ? 0n : literal(value, `totals[${key}]`);
}

/** Whether the registry, or another program with the mapping, is paused. */
export function isPaused(program: AleoProgramState): boolean {
  return program.mappings.paused?.true === "true";
}

/**
 * What is wrong in a registry's state by itself: totals that are not the sums of the entries, credits that are not
 * there, values out of range. Each a sentence that names the entry; none when all is well.
 */
export function registryFaults(registry: AleoProgramState): string[] {
  const agents = agentsOf(registry);
  const withdrawals = withdrawalsOf(registry);
  const known = new Set(agents.map(({ agent }) => agent));
  return [
    ...agents.flatMap(agentFaults),
    ...withdrawals
      .filter(({ agent }) => !known.has(agent))
      .map(({ ticket, agent }) => `withdrawals[${ticket}] is of ${agent}, which is no agent`),
    ...totalFaults(registry, agents, withdrawals),
    ...balanceFaults(registry, agents, withdrawals),
  ];
}

/** The member of a struct. @throws CheckError when there is none, or no text. */
export function text(value: Plaintext, member: string, place: string): string {
  const inner = typeof value === "string" || isList(value) ? undefined : value[member];
  if (typeof inner === "string") return inner;
  throw new CheckError(`${place}: expected the member ${member} with a literal`);
}

/** An integer member of a struct. */
export function integer(value: Plaintext, member: string, place: string): bigint {
  return literal(text(value, member, place), `${place}.${member}`);
}

/** Key and value of each entry of a mapping, by key. */
export function entriesOf(program: AleoProgramState, mapping: string): [string, Plaintext][] {
  const entries = Object.entries(program.mappings[mapping] ?? {});
  return entries.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Sum of something of many. */
export const sum = <T>(items: readonly T[], of: (item: T) => bigint): bigint =>
  items.reduce((total, item) => total + of(item), 0n);

/** Compiled code cannot have a struct member called `owner`. */
function ownerOf(value: Plaintext, place: string): string {
  return text(value, "holder", place);
}

function literal(value: Plaintext, place: string): bigint {
  const digits = typeof value === "string" ? /^(\d+)[iu]\d+$/.exec(value)?.[1] : undefined;
  if (digits === undefined) throw new CheckError(`${place}: expected an unsigned integer's literal`);
  return BigInt(digits);
}

function agentFaults({ agent, stake, score, active }: AgentEntry): string[] {
  const faults: string[] = [];
  if (stake > LIMITS.maxStake)
    faults.push(`agents[${agent}] has a stake of ${stake}, above ${LIMITS.maxStake}`);
  if (active && stake < LIMITS.minStake)
    faults.push(`agents[${agent}] is active with a stake of ${stake}, below ${LIMITS.minStake}`);
  if (score > LIMITS.score) faults.push(`agents[${agent}] has a score of ${score}, above ${LIMITS.score}`);
  return faults;
}

function totalFaults(
  registry: AleoProgramState,
  agents: readonly AgentEntry[],
  withdrawals: readonly WithdrawalEntry[],
): string[] {
  const expected: [string, string, bigint][] = [
    ["staked", TOTAL.staked, sum(agents, ({ stake }) => stake)],
    ["waiting", TOTAL.waiting, sum(withdrawals, ({ amount }) => amount)],
    ["agents", TOTAL.agents, BigInt(agents.length)],
  ];
  return expected
    .filter(([, key, amount]) => totalOf(registry, key) !== amount)
    .map(([name, key, amount]) => `totals: ${name} is ${totalOf(registry, key)}, the entries make ${amount}`);
}

/** Strangers can send more credits to a program's account, never take some. */
function balanceFaults(
  registry: AleoProgramState,
  agents: readonly AgentEntry[],
  withdrawals: readonly WithdrawalEntry[],
): string[] {
  if (registry.balance === null) return [];
  const owed =
    sum(agents, ({ stake }) => stake) +
    sum(withdrawals, ({ amount }) => amount) +
    totalOf(registry, TOTAL.slashPot);
  if (BigInt(registry.balance) >= owed) return [];
  return [`the program holds ${registry.balance} microcredits and owes ${owed}`];
}
