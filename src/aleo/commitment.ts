import { InputError } from "../core/errors.ts";
import type { AgentMetrics } from "./programs/agent-registry.ts";
import { type AleoNetwork, loadSdk } from "./sdk.ts";

/** Commits to an agent's metrics: `1field`, metrics, `1scalar` to a field's literal. */
export type MetricsCommitter = (agent: string, metrics: AgentMetrics, salt: string) => string;

/**
 * Loads what commits to metrics as the registry's program does: BHP-512 over the struct that it calls CommittedMetrics,
 * with the salt as randomizer. Whoever knows metrics and salt can show the score again; nobody else learns them.
 */
export async function loadCommitter(network?: AleoNetwork): Promise<MetricsCommitter> {
  const { BHP512, Plaintext, Scalar } = await loadSdk(network);
  const hasher = new BHP512();
  return (agent, metrics, salt) => {
    if (!/^\d+field$/.test(agent)) throw InputError.expected("agent", "a field's literal like 1field", agent);
    // The order of members is the program's: it is part of what is committed to.
    const committed = Plaintext.fromString(
      `{ agent: ${agent}, accuracy_rate: ${metrics.accuracy_rate}u32, success_rate: ${metrics.success_rate}u32, ` +
        `avg_latency_ms: ${metrics.avg_latency_ms}u32, total_executions: ${metrics.total_executions}u32 }`,
    );
    return hasher.commit(committed.toBitsLe(), Scalar.fromString(salt)).toString();
  };
}
