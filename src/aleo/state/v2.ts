import { CheckError, InputError, RefusedError } from "../../core/errors.ts";
import type { MetricsCommitter } from "../commitment.ts";
import type { AgentMetrics } from "../programs/agent-registry.ts";
import type { Plaintext } from "../replay/plaintext.ts";
import { agentScore } from "../score.ts";
import { type AgentEntry, entriesOf, integer, LIMITS, text, type WithdrawalEntry } from "./registry.ts";
import type { AleoProgramState, AleoState } from "./state-file.ts";

/** An agent of version 2, whose metrics were public. */
export interface AgentV2 {
  readonly agent: string;
  readonly owner: string;
  readonly stake: bigint;
  readonly active: boolean;
  readonly registeredAt: number;
  readonly metrics: AgentMetrics;
}

/** What version 2 holds. */
export interface RegistryV2 {
  readonly agents: readonly AgentV2[];
  readonly withdrawals: readonly WithdrawalEntry[];
}

/** What goes into version 3, and what was left out because somebody said so. */
export interface MigrationPlan {
  readonly agents: readonly AgentEntry[];
  readonly withdrawals: readonly WithdrawalEntry[];
  /** Agents left out by name, with the reason they cannot go. */
  readonly leftOut: readonly { readonly agent: string; readonly fault: string }[];
  /** Agents that go in inactive though they were active, because version 3 wants a higher stake. */
  readonly deactivated: readonly string[];
}

/** Reads the state of a version 2 registry. @throws CheckError for an entry of another shape. */
export function readV2(state: AleoState, program: string): RegistryV2 {
  const registry = state.programs[program];
  if (registry === undefined)
    throw InputError.expected("state", `the program ${program}`, Object.keys(state.programs).join(", "));
  const owners = new Map(entriesOf(registry, "agents").map(([id, value]) => [id, ownerOf(value, id)]));
  return {
    agents: entriesOf(registry, "agents").map(([agent, value]) => agentOf(agent, value)),
    withdrawals: pendingOf(registry, owners),
  };
}

/**
 * What each entry of version 2 is in version 3: the score is computed anew from the metrics, the metrics themselves
 * become a commitment, a stake below version 3's minimum makes the agent inactive and stays the owner's.
 *
 * @param salts Salt of each agent's commitment.
 * @param leaveOut Agents to leave out that cannot go in; nobody else can be left out.
 * @throws RefusedError naming every agent that version 3 cannot hold, unless it is in `leaveOut`.
 */
export function planMigration(
  from: RegistryV2,
  salts: ReadonlyMap<string, string>,
  commit: MetricsCommitter,
  leaveOut: ReadonlySet<string> = new Set(),
): MigrationPlan {
  const faults = from.agents.map((agent) => ({ agent: agent.agent, fault: faultOf(agent) }));
  const bad = faults.filter((entry): entry is { agent: string; fault: string } => entry.fault !== undefined);
  requireNamed(bad, leaveOut, from);
  const out = new Set(bad.map(({ agent }) => agent));
  const going = from.agents.filter(({ agent }) => !out.has(agent));
  const staysActive = ({ active, stake }: AgentV2) => active && stake >= LIMITS.minStake;
  return {
    agents: going.map((old) => ({
      agent: old.agent,
      owner: old.owner,
      stake: old.stake,
      score: agentScore(old.metrics),
      metricsCommitment: commit(old.agent, old.metrics, saltOf(salts, old.agent)),
      active: staysActive(old),
      registeredAt: old.registeredAt,
    })),
    withdrawals: from.withdrawals.filter(({ agent }) => !out.has(agent)),
    leftOut: bad,
    deactivated: going.filter((old) => old.active && !staysActive(old)).map(({ agent }) => agent),
  };
}

function requireNamed(
  bad: readonly { agent: string; fault: string }[],
  leaveOut: ReadonlySet<string>,
  from: RegistryV2,
): void {
  const unnamed = bad.filter(({ agent }) => !leaveOut.has(agent));
  if (unnamed.length > 0) {
    const list = unnamed.map(({ agent, fault }) => `${agent} (${fault})`).join("; ");
    throw new RefusedError(
      `version 3 cannot hold ${unnamed.length} of ${from.agents.length} agents: ${list}`,
      {
        next: `Correct them in version 2, or name them: --leave-out ${bad.map(({ agent }) => agent).join(",")}`,
      },
    );
  }
  const sound = [...leaveOut].find((id) => !bad.some(({ agent }) => agent === id));
  if (sound !== undefined) {
    throw InputError.expected("--leave-out", "only agents that cannot be migrated", sound);
  }
}

function faultOf({ metrics, stake, agent }: AgentV2): string | undefined {
  try {
    agentScore(metrics);
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  if (stake > LIMITS.maxStake) return `its stake is ${stake}, above ${LIMITS.maxStake}`;
  return agent === "0field" ? "its id is 0" : undefined;
}

function saltOf(salts: ReadonlyMap<string, string>, agent: string): string {
  const salt = salts.get(agent);
  if (salt === undefined) throw InputError.expected("salts", `a salt of ${agent}`, undefined);
  return salt;
}

function agentOf(agent: string, value: Plaintext): AgentV2 {
  const metrics = typeof value === "string" || !("metrics" in value) ? "" : (value.metrics ?? "");
  const count = (member: string) => Number(integer(metrics, member, `${agent}.metrics`));
  return {
    agent,
    owner: ownerOf(value, agent),
    stake: integer(value, "stake", agent),
    active: text(value, "active", agent) === "true",
    registeredAt: Number(integer(value, "registered_at", agent)),
    metrics: {
      accuracy_rate: count("accuracy_rate"),
      success_rate: count("success_rate"),
      avg_latency_ms: count("avg_latency_ms"),
      total_executions: count("total_executions"),
    },
  };
}

/** Version 2 has at most one withdrawal an agent; its ticket in version 3 is the agent's id. */
function pendingOf(registry: AleoProgramState, owners: ReadonlyMap<string, string>): WithdrawalEntry[] {
  return entriesOf(registry, "pending_withdrawals").map(([agent, value]) => ({
    ticket: agent,
    agent,
    owner: requireOwner(owners, agent),
    amount: integer(value, "amount", agent),
    readyAt: Number(integer(value, "ready_at", agent)),
  }));
}

function requireOwner(owners: ReadonlyMap<string, string>, agent: string): string {
  const owner = owners.get(agent);
  if (owner === undefined)
    throw new CheckError(`pending_withdrawals[${agent}] is of no agent; nobody owns it`);
  return owner;
}

function ownerOf(value: Plaintext, place: string): string {
  return text(value, "agent_owner", place);
}
