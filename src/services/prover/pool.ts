import { CheckError } from "../../core/errors.ts";
import type { Logger } from "../support/log.ts";
import { failed, type Outcome, STOPPED } from "./job.ts";
import type { CircuitFiles, WorkerJob } from "./worker-protocol.ts";
import { WorkerThread } from "./worker-thread.ts";

export interface PoolOptions {
  readonly circuits: readonly CircuitFiles[];
  /** Threads. */
  readonly size: number;
  /** Milliseconds for one proof. */
  readonly jobTimeout: number;
  readonly log: Logger;
}

/** Milliseconds before a thread that did not become warm is tried again; doubled each time. */
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 60_000;

/**
 * A fixed number of worker threads, each replaced when it ends.
 *
 * Each computes alone: snarkjs in a worker thread starts no threads of its own, and one proof a processor is more than one
 * proof on all of them, since a tenth of a proof cannot be shared out.
 */
export class WorkerPool {
  readonly #options: PoolOptions;
  readonly #threads = new Set<WorkerThread>();
  readonly #idle: WorkerThread[] = [];
  readonly #wanting: ((thread: WorkerThread | undefined) => void)[] = [];
  readonly #pauses = new Set<NodeJS.Timeout>();
  #warm = 0;
  #busy = 0;
  #closed = false;

  private constructor(options: PoolOptions) {
    this.#options = options;
  }

  /**
   * Starts all threads and waits until they are warm.
   *
   * @throws CheckError when one does not become so: its circuit or key is not what it should be.
   */
  static async start(options: PoolOptions): Promise<WorkerPool> {
    const pool = new WorkerPool(options);
    const started = await Promise.all(Array.from({ length: options.size }, () => pool.#add(FIRST_PAUSE)));
    const cold = started.find((each) => each !== "warm");
    if (cold === undefined) return pool;
    await pool.close();
    throw new CheckError(`prover: a worker cannot prove: ${cold.reason}`, {
      next: "check the files named under [[prover.circuits]]",
    });
  }

  /** Threads that can prove, and those of them that do. */
  get counts(): { readonly warm: number; readonly busy: number } {
    return { warm: this.#warm, busy: this.#busy };
  }

  /** Proves on the next free thread; never rejects. */
  async prove(job: WorkerJob, cancelled: AbortSignal): Promise<Outcome> {
    const thread = await this.#free();
    if (thread === undefined) return this.#closed ? STOPPED : failed("worker-failed", "no worker is warm");
    this.#busy += 1;
    try {
      const outcome = await thread.run(job, this.#options.jobTimeout, cancelled);
      return this.#closed && outcome.status === "failed" ? STOPPED : outcome;
    } finally {
      this.#busy -= 1;
      if (thread.alive) this.#offer(thread);
    }
  }

  /** Ends every thread at once. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const pause of this.#pauses) clearTimeout(pause);
    for (const want of this.#wanting.splice(0)) want(undefined);
    await Promise.all([...this.#threads].map((thread) => thread.end()));
  }

  async #add(pause: number): Promise<Awaited<WorkerThread["started"]>> {
    const thread = new WorkerThread({ circuits: this.#options.circuits, mod: "node:os" });
    this.#threads.add(thread);
    const started = await thread.started;
    if (started === "warm") {
      this.#warm += 1;
      this.#offer(thread);
      void thread.ended.then(() => this.#lose(thread));
    } else {
      this.#threads.delete(thread);
      await thread.end();
      if (!this.#closed) this.#options.log.error({ reason: started.reason }, "a worker did not become warm");
      this.#addLater(pause);
    }
    return started;
  }

  #lose(thread: WorkerThread): void {
    this.#threads.delete(thread);
    this.#warm -= 1;
    const at = this.#idle.indexOf(thread);
    if (at >= 0) this.#idle.splice(at, 1);
    if (this.#closed) return;
    this.#options.log.warn("a worker ended and is replaced");
    void this.#add(FIRST_PAUSE);
  }

  #addLater(pause: number): void {
    if (this.#closed) return;
    const timer = setTimeout(() => {
      this.#pauses.delete(timer);
      void this.#add(Math.min(pause * 2, LONGEST_PAUSE));
    }, pause);
    this.#pauses.add(timer);
  }

  #offer(thread: WorkerThread): void {
    const want = this.#wanting.shift();
    if (want === undefined) this.#idle.push(thread);
    else want(thread);
  }

  /** The next free thread; nothing when none becomes free within the time of a job. */
  async #free(): Promise<WorkerThread | undefined> {
    const idle = this.#idle.shift();
    if (idle !== undefined || this.#closed) return idle;
    const given = Promise.withResolvers<WorkerThread | undefined>();
    this.#wanting.push(given.resolve);
    const timer = setTimeout(() => {
      const at = this.#wanting.indexOf(given.resolve);
      if (at >= 0) this.#wanting.splice(at, 1);
      given.resolve(undefined);
    }, this.#options.jobTimeout);
    try {
      return await given.promise;
    } finally {
      clearTimeout(timer);
    }
  }
}
