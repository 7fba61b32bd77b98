import { table } from "../checks/support/table.ts";
import type { Failure, SuiteResult } from "./results.ts";

/** What is read of one test that Hardhat's Solidity runner ran. */
export interface SolidityTest {
  readonly name: string;
  readonly status: "Success" | "Failure" | "Skipped";
  readonly reason: string | undefined;
  readonly durationNs: bigint;
  /** An invariant's has `calls` and `metrics`, a fuzz test's `runs`. */
  readonly kind: object;
}

/** A contract of tests. */
export interface SolidityContract {
  readonly id: { readonly name: string };
  readonly testResults: readonly SolidityTest[];
}

interface Campaign {
  readonly contract: string;
  readonly name: string;
  readonly seconds: number;
  /** Calls that the invariant was checked after. */
  readonly calls: number;
  /** Calls by the handler's action. */
  readonly actions: ReadonlyMap<string, number>;
}

/** What was counted, with a failure for each invariant that was checked after fewer than `leastCalls` calls. */
export function countSolidity(contracts: readonly SolidityContract[], leastCalls: number): SuiteResult {
  const tests = contracts.flatMap(({ id, testResults }) =>
    testResults.map(({ name, status, reason }) => ({ status, reason, title: `${id.name} ${name}` })),
  );
  const failures: Failure[] = tests
    .filter(({ status }) => status === "Failure")
    .map(({ title, reason }) => ({ title, detail: reason ?? "failed without a reason" }));
  const few = campaignsOf(contracts).flatMap((campaign) => tooFew(campaign, leastCalls));
  return {
    passed: tests.filter(({ status }) => status === "Success").length - new Set(few.map((f) => f.title)).size,
    failures: [...failures, ...few],
    skips: tests.filter(({ status }) => status === "Skipped").map(({ title }) => ({ title })),
  };
}

/** One line an invariant: the calls made, how many actions there were, and the calls of the rarest. */
export function campaignLines(contracts: readonly SolidityContract[]): string[] {
  const campaigns = campaignsOf(contracts);
  if (campaigns.length === 0) return [];
  const rows = campaigns.map(({ name, calls, actions, seconds }) => [
    name.replace(/\(\)$/, ""),
    calls.toLocaleString("en"),
    String(actions.size),
    Math.min(...actions.values()).toLocaleString("en"),
    `${seconds.toFixed(1)} s`,
  ]);
  const all = campaigns.reduce((sum, { calls }) => sum + calls, 0);
  return table(
    [
      ["invariant", "calls", "actions", "rarest", "time"],
      ...rows,
      ["all", all.toLocaleString("en"), "", "", ""],
    ],
    [1, 2, 3, 4],
  );
}

function campaignsOf(contracts: readonly SolidityContract[]): Campaign[] {
  return contracts.flatMap(({ id, testResults }) =>
    testResults.flatMap(({ name, kind, durationNs, status }) => {
      if (status !== "Success" || !("metrics" in kind) || !("calls" in kind)) return [];
      const metrics = Object.entries(kind.metrics as Record<string, { calls: bigint }>);
      return [
        {
          contract: id.name,
          name,
          seconds: Number(durationNs) / 1e9,
          calls: Number(kind.calls),
          actions: new Map(metrics.map(([action, { calls }]) => [action, Number(calls)])),
        },
      ];
    }),
  );
}

function tooFew({ contract, name, calls }: Campaign, leastCalls: number): Failure[] {
  if (calls >= leastCalls) return [];
  return [{ title: `${contract} ${name}`, detail: `expected at least ${leastCalls} calls, got ${calls}` }];
}
