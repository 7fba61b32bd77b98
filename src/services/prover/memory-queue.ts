import { randomBytes, randomUUID } from "node:crypto";
import { Problem } from "../support/problem.ts";
import { fingerprints } from "./fingerprint.ts";
import type { InputTexts } from "./inputs.ts";
import { CANCELLED, hasEnded, type Job, mayBeRedone, type Outcome, STOPPED } from "./job.ts";
import type { JobQueue, NewJob, TakenJob } from "./queue.ts";

export interface MemoryQueueOptions {
  /** Jobs that may wait. */
  readonly length: number;
  /** Milliseconds for which an ended job can be asked for. */
  readonly resultTtl: number;
  /** Seconds until a place will be free. */
  readonly retryAfter: (queued: number) => number;
}

/** Ended jobs kept at most, whatever their age: failures are quick to make. */
const MOST_ENDED = 10_000;

interface Entry {
  job: Job;
  /** Gone as soon as a worker has them. */
  inputs: InputTexts | undefined;
  readonly keyName: string | undefined;
  readonly bodyName: string;
  readonly abort: AbortController;
  readonly ended: PromiseWithResolvers<void>;
  expires: number;
}

/** Jobs of this process alone: whatever ends the process loses them, and a client sends its request again. */
export class MemoryQueue implements JobQueue {
  readonly #options: MemoryQueueOptions;
  readonly #secret = randomBytes(32);
  readonly #entries = new Map<string, Entry>();
  readonly #byKey = new Map<string, string>();
  /** In the order they came. */
  readonly #queued = new Set<Entry>();
  readonly #running = new Set<Entry>();
  /** In the order they ended, so the oldest is first. */
  readonly #ended = new Set<Entry>();
  readonly #takers: ((job: TakenJob | undefined) => void)[] = [];
  #stopped = false;

  constructor(options: MemoryQueueOptions) {
    this.#options = options;
  }

  async submit(request: NewJob): Promise<Job> {
    this.#forgetOld();
    const names = fingerprints(this.#secret, request);
    const keyName = request.key === undefined ? undefined : names.key.toString("base64url");
    const known = this.#entries.get(this.#byKey.get(keyName ?? "") ?? "");
    if (known !== undefined) {
      if (known.bodyName !== names.body)
        throw new Problem("idempotency-conflict", "this Idempotency-Key came with another body");
      if (!mayBeRedone(known.job)) return known.job;
    }
    if (this.#queued.size >= this.#options.length)
      throw new Problem("queue-full", `${this.#queued.size} jobs are waiting`, {
        retryAfter: this.#options.retryAfter(this.#queued.size),
      });
    if (known !== undefined) this.#forget(known);
    return this.#add(request, keyName, names.body);
  }

  async find(id: string): Promise<Job | undefined> {
    this.#forgetOld();
    return this.#entries.get(id)?.job;
  }

  async cancel(id: string): Promise<Job | undefined> {
    const entry = this.#entries.get(id);
    if (entry !== undefined && !hasEnded(entry.job)) {
      this.#end(entry, CANCELLED);
      entry.abort.abort();
    }
    return entry?.job;
  }

  async settled(id: string, milliseconds: number, signal: AbortSignal): Promise<Job | undefined> {
    const entry = this.#entries.get(id);
    if (entry === undefined || hasEnded(entry.job)) return entry?.job;
    const enough = Promise.withResolvers<void>();
    const timer = setTimeout(enough.resolve, milliseconds);
    signal.addEventListener("abort", () => enough.resolve(), { once: true });
    await Promise.race([entry.ended.promise, enough.promise]);
    clearTimeout(timer);
    return entry.job;
  }

  async take(): Promise<TakenJob | undefined> {
    if (this.#stopped) return undefined;
    const [next] = this.#queued;
    if (next !== undefined) return this.#start(next);
    return await new Promise((resolve) => this.#takers.push(resolve));
  }

  async settle(id: string, outcome: Outcome): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry !== undefined && !hasEnded(entry.job)) this.#end(entry, outcome);
  }

  async lengths(): Promise<{ queued: number; running: number }> {
    return { queued: this.#queued.size, running: this.#running.size };
  }

  async obstacles(): Promise<readonly string[]> {
    return [];
  }

  stopTaking(): void {
    this.#stopped = true;
    for (const taker of this.#takers.splice(0)) taker(undefined);
    for (const entry of [...this.#queued]) this.#end(entry, STOPPED);
  }

  async close(): Promise<void> {
    this.stopTaking();
  }

  #add({ circuitVersion, inputs }: NewJob, keyName: string | undefined, bodyName: string): Job {
    const entry: Entry = {
      job: { id: randomUUID(), status: "queued", circuitVersion },
      inputs,
      keyName,
      bodyName,
      abort: new AbortController(),
      ended: Promise.withResolvers(),
      expires: Number.POSITIVE_INFINITY,
    };
    this.#entries.set(entry.job.id, entry);
    if (keyName !== undefined) this.#byKey.set(keyName, entry.job.id);
    this.#queued.add(entry);
    const taker = this.#takers.shift();
    if (taker !== undefined) taker(this.#start(entry));
    return entry.job;
  }

  #start(entry: Entry): TakenJob {
    const { inputs } = entry;
    if (inputs === undefined) throw new Error("a queued job has inputs");
    this.#queued.delete(entry);
    this.#running.add(entry);
    entry.inputs = undefined;
    entry.job = { ...entry.job, status: "running" };
    const { id, circuitVersion } = entry.job;
    return { id, circuitVersion, inputs, cancelled: entry.abort.signal };
  }

  #end(entry: Entry, outcome: Outcome): void {
    this.#queued.delete(entry);
    this.#running.delete(entry);
    entry.inputs = undefined;
    entry.job = { ...entry.job, ...outcome };
    entry.expires = performance.now() + this.#options.resultTtl;
    this.#ended.add(entry);
    entry.ended.resolve();
    this.#forgetOld();
  }

  #forgetOld(): void {
    const now = performance.now();
    for (const entry of this.#ended) {
      if (entry.expires > now && this.#ended.size <= MOST_ENDED) return;
      this.#forget(entry);
    }
  }

  #forget(entry: Entry): void {
    this.#ended.delete(entry);
    this.#entries.delete(entry.job.id);
    if (entry.keyName !== undefined && this.#byKey.get(entry.keyName) === entry.job.id)
      this.#byKey.delete(entry.keyName);
  }
}
