import { availableParallelism } from "node:os";
import { createDatabaseMetrics } from "../support/database.ts";
import { type RunningHttp, startHttp } from "../support/http.ts";
import type { Logger } from "../support/log.ts";
import { createMetrics, type Metrics } from "../support/metrics.ts";
import type { RunningService } from "../support/run.ts";
import { openCircuits } from "./circuits.ts";
import { MemoryQueue } from "./memory-queue.ts";
import { createProverMetrics, type ProverMetrics } from "./metrics.ts";
import { WorkerPool } from "./pool.ts";
import { PROVER_PROBLEMS } from "./problems.ts";
import type { JobQueue } from "./queue.ts";
import { addProverRoutes } from "./routes.ts";
import type { ProverSettings } from "./settings.ts";

/** Beyond one proof: what a request may wait in the queue before its client is told to ask again. */
const PATIENCE = 60_000;

/**
 * Starts the prover service: loads its circuits, warms its workers, listens. It holds no key that signs.
 *
 * @throws UnavailableError, CheckError, InputError when something it was told to use is missing or not what it should be.
 */
export async function startProver(
  settings: ProverSettings,
  log: Logger,
): Promise<RunningService & { url: string }> {
  const size = settings.workers === 0 ? availableParallelism() : settings.workers;
  const common = createMetrics("prover");
  let metrics: ProverMetrics | undefined;
  const queue = await openQueue(
    settings,
    (queued) => Math.ceil(((queued + 1) * (metrics?.proofSeconds() ?? 1)) / size),
    log,
    common,
  );
  let pool: WorkerPool | undefined;
  try {
    const circuits = await openCircuits(settings.circuits, (line) => log.info(line));
    const workers = await WorkerPool.start({ circuits, size, jobTimeout: settings.job_timeout * 1000, log });
    pool = workers;
    metrics = createProverMetrics(
      common,
      workers,
      queue,
      settings.queue_length,
      settings.circuits.map(({ version }) => version),
    );
    const longestWait = settings.job_timeout * 1000 + PATIENCE;
    const parts = { circuits, queue, metrics, longestWait };
    const http = await startHttp(
      {
        name: "prover",
        description:
          "Proves that committed events satisfy policies. Inputs are secret; so are the ids of jobs.",
        problems: PROVER_PROBLEMS,
        metrics: common,
        log,
        routes: (server) => addProverRoutes(server, parts),
        obstacles: () => obstacles(workers, queue),
      },
      settings.http,
    );
    const work = Array.from({ length: size }, () => workOff(queue, workers, parts.metrics, log));
    return running(http, queue, workers, work, settings.http.stop_timeout * 1000);
  } catch (error) {
    await Promise.all([pool?.close(), queue.close()]);
    throw error;
  }
}

async function openQueue(
  settings: ProverSettings,
  retryAfter: (queued: number) => number,
  log: Logger,
  metrics: Metrics,
): Promise<JobQueue> {
  const options = { length: settings.queue_length, resultTtl: settings.result_ttl * 1000, retryAfter };
  if (settings.queue === "memory") return new MemoryQueue(options);
  const { openPostgresQueue } = await import("./postgres-queue.ts");
  return await openPostgresQueue(settings, options, log, createDatabaseMetrics(metrics));
}

async function obstacles(pool: WorkerPool, queue: JobQueue): Promise<string[]> {
  const cold = pool.counts.warm === 0 ? ["no worker is warm"] : [];
  return [...cold, ...(await queue.obstacles())];
}

/** Does one job after another until the queue gives none. There is one of these a worker. */
async function workOff(
  queue: JobQueue,
  pool: WorkerPool,
  metrics: ProverMetrics,
  log: Logger,
): Promise<void> {
  for (let job = await queue.take(); job !== undefined; job = await queue.take()) {
    const { id, circuitVersion, inputs, cancelled } = job;
    const outcome = await pool.prove({ circuitVersion, inputs }, cancelled);
    metrics.ended(circuitVersion, outcome);
    const how =
      outcome.status === "proved" ? { ms: outcome.result.milliseconds } : { code: outcome.problem.code };
    log.info({ job: id, circuitVersion, status: outcome.status, ...how });
    await queue.settle(id, outcome);
  }
}

/** Stops in order: nothing new, nothing from the queue, what is at work ends, then the threads. */
function running(
  http: RunningHttp,
  queue: JobQueue,
  pool: WorkerPool,
  work: readonly Promise<void>[],
  stopTimeout: number,
): RunningService & { url: string } {
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const refused = http.close();
    queue.stopTaking();
    const timer = setTimeout(() => void pool.close(), stopTimeout);
    await Promise.all(work);
    clearTimeout(timer);
    await refused;
    await pool.close();
    await queue.close();
  };
  return {
    url: http.url,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
