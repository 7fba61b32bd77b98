import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { AgentMetrics } from "../../../src/aleo/programs/agent-registry.ts";
import { type AleoState, exportedState, parseState } from "../../../src/aleo/state/state-file.ts";

/** The state of a version 2 registry that the tests migrate; docs/aleo-state.md uses the same file. */
export const V2_FILE = fileURLToPath(new URL("../../vectors/aleo/agent_registry_v2.json", import.meta.url));
export const V2 = "agent_registry_v2.aleo";

/** The one agent that version 3 cannot hold. */
export const IMPOSSIBLE = "2009field";
/** Active with less than version 3 wants. */
export const TOO_SMALL = "2008field";

const OWNERS = [
  "aleo1rhgdu77hgyqd3xjj8ucu3jj9r2krwz6mnzyd80gncr5fxcwlh5rsvzp9px",
  "aleo1s3ws5tra87fjycnjrwsjcrnw2qxr8jfqqdugnf0xzqqw29q9m5pqem2u4t",
  "aleo1ashyu96tjwe63u0gtnnv8z5lhapdu4l5pjsl2kha7fv7hvz2eqxs5dz0rg",
] as const;

type Row = readonly [stake: number, active: boolean, metrics: readonly [number, number, number, number]];

/** Agents 2001 and on: accuracy, success, latency, executions. */
const AGENTS: readonly Row[] = [
  // The known answer of the score.
  [50_000, true, [9_000, 8_500, 250, 1_000]],
  // The least and the most stake.
  [1_000, true, [7_000, 7_000, 999, 99]],
  [1_000_000_000, true, [8_000, 9_999, 500, 100]],
  // The highest score and the lowest.
  [75_000, true, [10_000, 10_000, 0, 4_294_967_295]],
  [2_000, true, [0, 0, 10_000, 0]],
  // Inactive, with a stake and without one.
  [30_000, false, [6_500, 6_400, 1_000, 10]],
  [0, false, [5_000, 5_000, 4_999, 9]],
  // Less than version 3's minimum.
  [999, true, [8_000, 8_000, 100, 9_999]],
  // A rate that version 2 did not refuse.
  [40_000, true, [10_001, 9_000, 200, 500]],
  // Bounds of latency and executions.
  [1_001, true, [9_999, 1, 99, 10_000]],
  [12_345, true, [3_333, 6_667, 499, 1_000]],
  // Everything is on its way out; part of it is.
  [0, false, [4_000, 4_100, 5_000, 20]],
  [20_000, true, [9_100, 9_200, 150, 2_500]],
];

/** Withdrawals that wait: agent, amount, height. */
const PENDING: readonly (readonly [number, number, number])[] = [
  [2_012, 15_000, 1_200],
  [2_013, 1, 1_000_000],
];

/** The same state, made here. */
export function makeV2(): AleoState {
  const agents = AGENTS.map(([stake, active, [accuracy, success, latency, executions]], index) => [
    `${2001 + index}field`,
    {
      agent_owner: OWNERS[index % OWNERS.length] ?? "",
      metrics: {
        accuracy_rate: `${accuracy}u32`,
        success_rate: `${success}u32`,
        avg_latency_ms: `${latency}u32`,
        total_executions: `${executions}u32`,
      },
      stake: `${stake}u64`,
      active: String(active),
      registered_at: `${100 + index}u32`,
    },
  ]);
  const pending = PENDING.map(([agent, amount, height]) => [
    `${agent}field`,
    { amount: `${amount}u64`, ready_at: `${height}u32` },
  ]);
  const held = [...AGENTS.map(([stake]) => stake), ...PENDING.map(([, amount]) => amount)];
  return exportedState({
    network: 1,
    height: 1_500,
    block_hash: "ab1rdpsgw3208xd9qzh5ta40qev2jzatphguhsghk6wfqlj2k4f6gys92w4vl",
    programs: {
      [V2]: {
        edition: 0,
        owner: OWNERS[0],
        checksum: "",
        balance: String(held.reduce((sum, amount) => sum + amount, 0)),
        mappings: { agents: Object.fromEntries(agents), pending_withdrawals: Object.fromEntries(pending) },
      },
    },
  });
}

/** The committed state. */
export const readV2File = (): AleoState =>
  parseState(readFileSync(V2_FILE, "utf8"), "agent_registry_v2.json");

/** Metrics of an agent of the fixture. */
export function metricsOf(agent: string): AgentMetrics {
  const [accuracy_rate = 0, success_rate = 0, avg_latency_ms = 0, total_executions = 0] =
    AGENTS[Number.parseInt(agent, 10) - 2001]?.[2] ?? [];
  return { accuracy_rate, success_rate, avg_latency_ms, total_executions };
}
