import { Counter, Gauge, Histogram } from "prom-client";
import type { Metrics } from "../support/metrics.ts";
import { soon } from "../support/soon.ts";
import type { Outcome } from "./job.ts";
import type { WorkerPool } from "./pool.ts";
import type { ProverProblem } from "./problems.ts";
import type { JobQueue } from "./queue.ts";

/** What the prover counts beside its requests. */
export interface ProverMetrics {
  /** An accepted job ended. */
  ended(circuitVersion: number, outcome: Outcome): void;
  /** A request was not accepted. */
  rejected(cause: string): void;
  /** Seconds a proof took lately. */
  proofSeconds(): number;
}

/** How a job can end. */
const OUTCOMES = [
  "proved",
  "cancelled",
  "inputs-do-not-satisfy",
  "job-timeout",
  "worker-failed",
] as const satisfies readonly ("proved" | ProverProblem)[];
/** A new proof's weight in the moving average. */
const WEIGHT = 0.2;

/**
 * Adds the prover's own metrics; queue and workers are looked at when they are scraped.
 *
 * @param queueLength Jobs that may wait.
 * @param versions Circuit versions that are served.
 */
export function createProverMetrics(
  { registry, prefix }: Metrics,
  pool: WorkerPool,
  queue: Pick<JobQueue, "lengths">,
  queueLength: number,
  versions: readonly number[],
): ProverMetrics {
  const registers = [registry];
  const seconds = new Histogram({
    name: `${prefix}proof_seconds`,
    help: "Time a worker took for a proof",
    labelNames: ["circuit_version"],
    // Dense around 3 s, above which an operator is told.
    buckets: [0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 7.5, 10, 20, 30, 60],
    registers,
  });
  const jobs = new Counter({
    name: `${prefix}jobs_total`,
    help: "Accepted jobs that ended here, by how: proved, or the problem's code",
    labelNames: ["outcome"],
    registers,
  });
  const rejected = new Counter({
    name: `${prefix}rejected_total`,
    help: "Requests that were not accepted, by the problem's code",
    labelNames: ["cause"],
    registers,
  });
  addGauges({ registry, prefix }, pool, queue);
  // At 0 from the start: a counter that appears with its first count has not risen, and its alert would miss the first failure.
  for (const outcome of OUTCOMES) jobs.inc({ outcome }, 0);
  for (const version of versions) seconds.zero({ circuit_version: String(version) });
  new Gauge({ name: `${prefix}queue_limit`, help: "Jobs that may wait; more are refused", registers }).set(
    queueLength,
  );
  let average = 1;
  return {
    ended: (circuitVersion, outcome) => {
      jobs.inc({ outcome: outcome.status === "proved" ? "proved" : outcome.problem.code });
      if (outcome.status !== "proved") return;
      const took = outcome.result.milliseconds / 1000;
      seconds.observe({ circuit_version: String(circuitVersion) }, took);
      average += WEIGHT * (took - average);
    },
    rejected: (cause) => rejected.inc({ cause }),
    proofSeconds: () => average,
  };
}

function addGauges({ registry, prefix }: Metrics, pool: WorkerPool, queue: Pick<JobQueue, "lengths">): void {
  const registers = [registry];
  new Gauge({
    name: `${prefix}queue_jobs`,
    help: "Jobs that wait or run; over all provers when they share a queue",
    labelNames: ["state"],
    registers,
    async collect() {
      const lengths = await soon(queue.lengths());
      if (lengths === undefined) return this.reset();
      this.set({ state: "queued" }, lengths.queued);
      this.set({ state: "running" }, lengths.running);
    },
  });
  new Gauge({
    name: `${prefix}workers`,
    help: "Worker threads of this prover that can prove (warm), and those that do (busy)",
    labelNames: ["state"],
    registers,
    collect() {
      this.set({ state: "warm" }, pool.counts.warm);
      this.set({ state: "busy" }, pool.counts.busy);
    },
  });
}
