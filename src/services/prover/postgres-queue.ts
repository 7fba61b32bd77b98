import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { PgBoss } from "pg-boss";
import { errorCode, UnavailableError } from "../../core/errors.ts";
import { counted, type DatabaseMetrics } from "../support/database.ts";
import type { Logger } from "../support/log.ts";
import { Problem } from "../support/problem.ts";
import { fingerprints } from "./fingerprint.ts";
import { failed, hasEnded, type Job, mayBeRedone, type Outcome, STOPPED } from "./job.ts";
import {
  countStored,
  type Database,
  dropInputs,
  findStored,
  type JobData,
  lockSubmissions,
  queueName,
  SCHEMA,
  type StoredJob,
  stillActive,
} from "./job-table.ts";
import type { MemoryQueueOptions } from "./memory-queue.ts";
import type { JobQueue, NewJob, TakenJob } from "./queue.ts";
import { readQueueSecrets } from "./queue-secrets.ts";
import { openInputs, sealInputs } from "./sealed-inputs.ts";
import type { ProverSettings } from "./settings.ts";

/** Seconds without a sign of life after which a prover's jobs are given to another; pg-boss takes no less. */
const HEARTBEAT = 10;
/** Milliseconds between two signs of life, and two looks whether a job at work was cancelled. */
const BEAT = 2_000;
/** Milliseconds between two looks for a job or an outcome of another prover. */
const LOOK = 250;
/** Seconds between two searches for jobs whose prover is gone. */
const SUPERVISE = 2;
/** Provers that may die over one job before it is given up. */
const RETRIES = 3;
/** Seconds a job may wait. */
const RETENTION = 86_400;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Opens the queue that provers share on a database, and makes its schema when it is the first.
 *
 * @throws UnavailableError when the database cannot be reached; what reading the secrets throws.
 */
export async function openPostgresQueue(
  settings: ProverSettings,
  options: MemoryQueueOptions,
  log: Logger,
  metrics: DatabaseMetrics,
): Promise<JobQueue> {
  const { databaseUrl, key } = readQueueSecrets(settings);
  const boss = new PgBoss({
    connectionString: databaseUrl,
    application_name: "proofx-prover",
    schema: SCHEMA,
    schedule: false,
    superviseIntervalSeconds: SUPERVISE,
    monitorIntervalSeconds: SUPERVISE,
  });
  boss.on("error", (error) => log.error({ cause: errorCode(error) }, "the queue's database"));
  const versions = settings.circuits.map(({ version }) => version);
  try {
    await boss.start();
    for (const version of versions) {
      const queue = {
        retryLimit: RETRIES,
        retryDelay: 0,
        // Beyond what a worker gets; a prover that lives ends its jobs itself.
        expireInSeconds: settings.job_timeout * 2 + HEARTBEAT,
        heartbeatSeconds: HEARTBEAT,
        retentionSeconds: RETENTION,
        deleteAfterSeconds: settings.result_ttl,
      };
      await boss.createQueue(queueName(version), queue);
      await boss.updateQueue(queueName(version), queue);
    }
  } catch (cause) {
    await boss.stop({ graceful: false }).catch(() => undefined);
    throw new UnavailableError(`prover: the queue's database cannot be used (${errorCode(cause)})`, {
      next: "check that it runs, and that its user may create a schema there",
    });
  }
  return new PostgresQueue(boss, key, versions, options, { log, metrics });
}

class PostgresQueue implements JobQueue {
  readonly #boss: PgBoss;
  readonly #secret: Uint8Array;
  readonly #queues: string[];
  readonly #options: MemoryQueueOptions;
  readonly #log: Logger;
  readonly #metrics: DatabaseMetrics;
  readonly #atWork = new Map<string, { readonly queue: string; readonly abort: AbortController }>();
  /** Aborted and replaced whenever something happened here that others wait for. */
  #news = new AbortController();
  readonly #beat: NodeJS.Timeout;
  #stopped = false;

  constructor(
    boss: PgBoss,
    secret: Uint8Array,
    versions: readonly number[],
    options: MemoryQueueOptions,
    { log, metrics }: { readonly log: Logger; readonly metrics: DatabaseMetrics },
  ) {
    this.#boss = boss;
    this.#secret = secret;
    this.#queues = versions.map(queueName);
    this.#options = options;
    this.#log = log;
    this.#metrics = metrics;
    this.#beat = setInterval(() => void this.#signOfLife(), BEAT);
  }

  async submit(request: NewJob): Promise<Job> {
    const names = fingerprints(this.#secret, request);
    const id = request.key === undefined ? randomUUID() : uuidOf(names.key);
    const job = await this.#transaction(async (db): Promise<Job> => {
      await lockSubmissions(db);
      const known = await findStored(db, id);
      if (known !== undefined && known.body !== names.body)
        throw new Problem("idempotency-conflict", "this Idempotency-Key came with another body");
      if (known !== undefined && !mayBeRedone(known.job)) return known.job;
      const { queued } = await countStored(db);
      if (queued >= this.#options.length)
        throw new Problem("queue-full", `${queued} jobs are waiting`, {
          retryAfter: this.#options.retryAfter(queued),
        });
      if (known !== undefined) await this.#boss.deleteJob(known.queue, id, { db });
      const { circuitVersion, inputs } = request;
      const data: JobData = {
        circuitVersion,
        body: names.body,
        sealed: sealInputs(this.#secret, id, inputs),
      };
      await this.#boss.send(queueName(circuitVersion), data, { id, db });
      return { id, status: "queued", circuitVersion };
    });
    this.#tell();
    return job;
  }

  async find(id: string): Promise<Job | undefined> {
    return (await this.#stored(id))?.job;
  }

  async cancel(id: string): Promise<Job | undefined> {
    const stored = await this.#stored(id);
    if (stored === undefined || hasEnded(stored.job)) return stored?.job;
    await this.#transaction(async (db) => {
      await this.#boss.cancel(stored.queue, id, { db });
      await dropInputs(db, id);
    });
    this.#atWork.get(id)?.abort.abort();
    this.#tell();
    return await this.find(id);
  }

  async settled(id: string, milliseconds: number, signal: AbortSignal): Promise<Job | undefined> {
    const until = performance.now() + milliseconds;
    for (;;) {
      const job = await this.find(id);
      const left = until - performance.now();
      if (job === undefined || hasEnded(job) || left <= 0 || signal.aborted) return job;
      await this.#wait(Math.min(left, LOOK), signal);
    }
  }

  async take(): Promise<TakenJob | undefined> {
    while (!this.#stopped) {
      try {
        const job = await this.#fetch();
        if (job !== undefined) return job;
      } catch (error) {
        this.#log.error({ cause: errorCode(error) }, "no job could be taken");
      }
      await this.#wait(LOOK);
    }
    return undefined;
  }

  async settle(id: string, outcome: Outcome): Promise<void> {
    const queue = this.#atWork.get(id)?.queue;
    if (queue === undefined) return;
    // Should the database stay away, the job's heartbeat ends and another prover does it again.
    for (let attempt = 0; attempt < 5; attempt += 1) {
      try {
        await this.#transaction(async (db) => {
          // pg-boss puts what failed back into the queue, for another prover.
          if (outcome === STOPPED) return void (await this.#boss.fail(queue, id, null, { db }));
          await this.#boss.complete(queue, id, outcome, { db });
          await dropInputs(db, id);
        });
        break;
      } catch (error) {
        this.#log.error({ job: id, cause: errorCode(error) }, "an outcome could not be stored yet");
        await pause(BEAT);
      }
    }
    this.#atWork.delete(id);
    this.#tell();
  }

  async lengths(): Promise<{ queued: number; running: number }> {
    return await this.#asking(() => countStored(this.#boss.getDb()));
  }

  async obstacles(): Promise<readonly string[]> {
    try {
      await this.#boss.getDb().executeSql("SELECT 1");
      return [];
    } catch {
      return ["the shared queue's database cannot be reached"];
    }
  }

  stopTaking(): void {
    this.#stopped = true;
    this.#tell();
  }

  async close(): Promise<void> {
    this.stopTaking();
    clearInterval(this.#beat);
    await this.#boss.stop({ graceful: false });
  }

  async #fetch(): Promise<TakenJob | undefined> {
    for (const queue of this.#queues) {
      const [job] = await this.#asking(() => this.#boss.fetch<JobData>(queue));
      if (job === undefined) continue;
      // The next one begins with another circuit version.
      this.#queues.push(...this.#queues.splice(0, 1));
      const { id, data } = job;
      const abort = new AbortController();
      this.#atWork.set(id, { queue, abort });
      const inputs = openInputs(this.#secret, id, data.sealed ?? "");
      if (inputs !== undefined)
        return { id, circuitVersion: data.circuitVersion, inputs, cancelled: abort.signal };
      this.#log.error({ job: id }, "a job's inputs were sealed by another queue key");
      await this.settle(id, failed("worker-failed", "the provers of this queue do not share one queue key"));
    }
    return undefined;
  }

  async #signOfLife(): Promise<void> {
    const ids = [...this.#atWork.keys()];
    try {
      // Those of jobs that pg-boss gave up by itself.
      await dropInputs(this.#boss.getDb());
      for (const [id, { queue }] of this.#atWork) await this.#boss.touch(queue, id);
      const active = await stillActive(this.#boss.getDb(), ids);
      for (const id of ids) if (!active.has(id)) this.#atWork.get(id)?.abort.abort();
    } catch (error) {
      this.#log.error({ cause: errorCode(error) }, "no sign of life could be given");
    }
  }

  async #stored(id: string): Promise<StoredJob | undefined> {
    if (!UUID.test(id)) return undefined;
    try {
      return await this.#asking(() => findStored(this.#boss.getDb(), id));
    } catch (cause) {
      throw unreachable(cause);
    }
  }

  /** Counts what is asked of the database: whatever is no refusal of ours is its failing. */
  #asking<T>(work: () => Promise<T>): Promise<T> {
    const unwell = (error: unknown): boolean =>
      !(error instanceof Problem) || error.code === "queue-unavailable";
    return counted(this.#metrics, work, unwell);
  }

  /** @throws Problem, its own or `queue-unavailable`. */
  #transaction<T>(work: (db: Database) => Promise<T>): Promise<T> {
    return this.#asking(() => this.#begun(work));
  }

  async #begun<T>(work: (db: Database) => Promise<T>): Promise<T> {
    const transaction = await this.#boss
      .getDb()
      .beginTransaction?.()
      .catch((cause: unknown) => {
        throw unreachable(cause);
      });
    if (transaction === undefined) throw new Error("pg-boss's own pool has transactions");
    try {
      const result = await work(transaction.db);
      await transaction.commit();
      return result;
    } catch (error) {
      await transaction.rollback();
      throw error instanceof Problem ? error : unreachable(error);
    }
  }

  async #wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
    const signals = [this.#news.signal, ...(signal === undefined ? [] : [signal])];
    await pause(milliseconds, undefined, { signal: AbortSignal.any(signals) }).catch(() => undefined);
  }

  #tell(): void {
    this.#news.abort();
    this.#news = new AbortController();
  }
}

/** An id that only the provers of this queue can make from a client's key; version 8 of RFC 9562. */
function uuidOf(hash: Uint8Array): string {
  const bytes = Buffer.from(hash.subarray(0, 16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const unreachable = (cause: unknown): Problem =>
  new Problem("queue-unavailable", "the shared queue's database cannot be reached", { cause, retryAfter: 5 });
