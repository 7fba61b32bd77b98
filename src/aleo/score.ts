import { InputError } from "../core/errors.ts";
import type { AgentMetrics } from "./programs/agent-registry.ts";

/** Rates are ten-thousandths; the latency is a mean in milliseconds. The programs take no more of either. */
const MOST = 10_000;

/** Points by latency: below each bound, these. */
const LATENCY: readonly (readonly [number, number])[] = [
  [100, 10_000],
  [500, 8_000],
  [1_000, 6_000],
  [5_000, 4_000],
];
/** Points by executions: from each bound on, these. */
const EXPERIENCE: readonly (readonly [number, number])[] = [
  [10_000, 10_000],
  [1_000, 8_000],
  [100, 6_000],
  [10, 4_000],
];
const LEAST_POINTS = 2_000;

/**
 * The score that the agent registry computes from an agent's metrics: 0 to 10,000, each term rounded down by itself.
 *
 * @throws InputError for metrics that the registry refuses.
 */
export function agentScore(metrics: AgentMetrics): number {
  const { accuracy_rate, success_rate, avg_latency_ms, total_executions } = metrics;
  for (const name of ["accuracy_rate", "success_rate", "avg_latency_ms"] as const)
    requireWhole(name, metrics[name], MOST);
  requireWhole("total_executions", total_executions, 0xffff_ffff);
  const latency = LATENCY.find(([bound]) => avg_latency_ms < bound)?.[1] ?? LEAST_POINTS;
  const experience = EXPERIENCE.find(([bound]) => total_executions >= bound)?.[1] ?? LEAST_POINTS;
  return tenths(accuracy_rate, 4) + tenths(success_rate, 2) + tenths(latency, 2) + tenths(experience, 2);
}

function tenths(points: number, weight: number): number {
  return Math.floor((points * weight) / 10);
}

function requireWhole(name: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= most) return;
  throw InputError.expected(name, `a whole number from 0 to ${most}`, value);
}
