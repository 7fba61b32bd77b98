import { Worker } from "node:worker_threads";
import { CANCELLED, failed, type Outcome } from "./job.ts";
import type { WorkerAnswer, WorkerJob, WorkerStart } from "./worker-protocol.ts";

/** A proof's JavaScript takes far less; beyond it the thread ends, and not the whole service. */
const HEAP_MIB = 512;

/** One worker thread, from its start to its end. It does one job at a time; whatever goes wrong with it ends it. */
export class WorkerThread {
  /** Resolves once it is warm; else with the reason why it will not be. */
  readonly started: Promise<"warm" | { readonly reason: string }>;
  /** Resolves when the thread is no more. */
  readonly ended: Promise<void>;
  readonly #thread: Worker;
  #heard = Promise.withResolvers<WorkerAnswer>();
  #cause = "the thread ended";
  #alive = true;

  constructor(start: WorkerStart) {
    this.#thread = new Worker(new URL("./worker.ts", import.meta.url), {
      name: "prover",
      workerData: start,
      // It needs nothing of what the service was told.
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
    });
    const ended = Promise.withResolvers<void>();
    this.ended = ended.promise;
    this.#thread.on("message", (answer: WorkerAnswer) => this.#heard.resolve(answer));
    this.#thread.on("error", (error: NodeJS.ErrnoException) => {
      this.#cause = error.code ?? error.name;
    });
    this.#thread.on("exit", () => {
      this.#alive = false;
      this.#heard.resolve({ kind: "broken", reason: this.#cause });
      ended.resolve();
    });
    this.started = this.#listen().then((answer) => {
      if (answer.kind === "warm") return "warm";
      return { reason: "reason" in answer ? answer.reason : answer.kind };
    });
  }

  get alive(): boolean {
    return this.#alive;
  }

  /**
   * Does a job, whatever comes: a thread that breaks, takes longer than `milliseconds` or is `cancelled` is ended, and the
   * outcome says so.
   */
  async run(job: WorkerJob, milliseconds: number, cancelled: AbortSignal): Promise<Outcome> {
    const given = Promise.withResolvers<Outcome>();
    const timer = setTimeout(
      () => given.resolve(failed("job-timeout", `no proof after ${milliseconds / 1000} s`)),
      milliseconds,
    );
    const cancel = (): void => given.resolve(CANCELLED);
    cancelled.addEventListener("abort", cancel, { once: true });
    if (cancelled.aborted) cancel();
    this.#thread.postMessage(job);
    const answered = this.#listen().then(outcomeOf);
    const outcome = await Promise.race([answered, given.promise]);
    clearTimeout(timer);
    cancelled.removeEventListener("abort", cancel);
    const healthy = outcome.status === "proved" || outcome.problem.code === "inputs-do-not-satisfy";
    if (!healthy) await this.end();
    return outcome;
  }

  /** Ends it at once, in the midst of a proof if need be. */
  async end(): Promise<void> {
    await this.#thread.terminate();
  }

  async #listen(): Promise<WorkerAnswer> {
    const answer = await this.#heard.promise;
    // The end of the thread stays the answer to everything.
    if (answer.kind !== "broken") this.#heard = Promise.withResolvers();
    return answer;
  }
}

function outcomeOf(answer: WorkerAnswer): Outcome {
  if (answer.kind === "proved") return { status: "proved", result: answer.result };
  if (answer.kind === "refused") return failed("inputs-do-not-satisfy", answer.detail);
  const reason = "reason" in answer ? answer.reason : answer.kind;
  return failed("worker-failed", `the worker thread ended (${reason})`);
}
