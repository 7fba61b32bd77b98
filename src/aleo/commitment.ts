import { InputError } from "../core/errors.ts";
import type { AgentMetrics } from "./score.ts";
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
      `{ agent: ${agent}, accuracy_rate: ${metrics.accuracyRate}u32, success_rate: ${metrics.successRate}u32, ` +
        `avg_latency_ms: ${metrics.avgLatencyMs}u32, total_executions: ${metrics.totalExecutions}u32 }`,
    );
    return hasher.commit(committed.toBitsLe(), Scalar.fromString(salt)).toString();
  };
}
