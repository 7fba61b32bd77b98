import { setTimeout as pause } from "node:timers/promises";
import type { Database, Sql } from "../store/index.ts";
import { faultOf, refusalOf, unavailable } from "./faults.ts";
import { streamUnknown } from "./place.ts";
import type { Entry } from "./place-group.ts";
import type { Accepted, IngestLimits } from "./ports.ts";
import { Refusal } from "./refusal.ts";
import { Slots } from "./slots.ts";
import { type Job, type OwnWork, type Place, StreamQueue } from "./stream-queue.ts";
import { type LockedStream, lockStream } from "./stream-state.ts";

/** Writes a group's events within a transaction that has the stream. */
export type PlaceGroup = (
  sql: Sql,
  stream: LockedStream,
  entries: readonly Entry[],
) => Promise<(Accepted | Refusal)[]>;

/** Makes ready to seal anew for these agents, after a data key of the tenant's was destroyed. */
export type Reseal = (tenant: string, agents: readonly string[]) => Promise<void>;

/** A place in a stream's line, taken when an event arrives: events keep their order while they are checked. */
export interface Reservation {
  /** Appends the event with whatever else waits. @throws Refusal */
  append(entry: Entry): Promise<Accepted>;
  /** Gives the place up, unless something was appended. */
  release(): void;
}

/**
 * One transaction at a time for each stream: what arrives while one is on its way to the disk waits and then goes together.
 * Nobody is answered before the commit.
 */
export class GroupCommit {
  readonly #database: Database;
  readonly #limits: IngestLimits;
  readonly #place: PlaceGroup;
  readonly #reseal: Reseal;
  readonly #slots: Slots;
  readonly #queues = new Map<string, StreamQueue>();

  constructor(
    { database, limits }: { readonly database: Database; readonly limits: IngestLimits },
    { place, reseal }: { readonly place: PlaceGroup; readonly reseal: Reseal },
  ) {
    this.#database = database;
    this.#limits = limits;
    this.#place = place;
    this.#reseal = reseal;
    this.#slots = new Slots(limits.transactions);
  }

  /** Takes the next place in a stream's line; to be released in any case. */
  reserve(tenant: string, store: string): Reservation {
    const queue = this.#queueOf(tenant, store);
    const place = queue.reserve();
    return {
      append: (what) => this.#fill(queue, place, what),
      release: () => {
        if (place.job !== undefined || place.gone) return;
        place.gone = true;
        this.#drain(queue);
      },
    };
  }

  /** Runs work of the log's own on a stream; it may be run again when the database failed under it. */
  run(tenant: string, store: string, work: OwnWork): Promise<Accepted> {
    const queue = this.#queueOf(tenant, store);
    return this.#fill(queue, queue.reserve(), work);
  }

  #queueOf(tenant: string, store: string): StreamQueue {
    const id = `${tenant}/${store}`;
    const queue = this.#queues.get(id) ?? new StreamQueue(tenant, store);
    this.#queues.set(id, queue);
    return queue;
  }

  #fill(queue: StreamQueue, place: Place, what: Job["what"]): Promise<Accepted> {
    return new Promise((resolve, reject) => {
      place.job = { what, resolve, reject };
      this.#drain(queue);
    });
  }

  /** Sees to it that somebody empties the line, as far as it is ready. */
  #drain(queue: StreamQueue): void {
    if (queue.draining) return;
    if (queue.ready) {
      queue.draining = true;
      // What comes before its turn for a transaction goes along.
      this.#slots
        .run(async () => this.#commit(queue, queue.take(this.#limits)))
        .finally(() => {
          queue.draining = false;
          this.#drain(queue);
        });
    } else if (queue.empty) {
      this.#queues.delete(`${queue.tenant}/${queue.store}`);
    }
  }

  async #commit(queue: StreamQueue, jobs: readonly Job[]): Promise<void> {
    let failure: unknown;
    const until = performance.now() + this.#limits.patience;
    for (let attempt = 0; attempt === 0 || performance.now() < until; attempt += 1) {
      try {
        if (attempt > 0) await pause(Math.min(50 * 2 ** attempt, 2_000));
        if (failure !== undefined && faultOf(failure) === "key destroyed")
          await this.#reseal(queue.tenant, agentsOf(jobs));
        const outcomes = await this.#database.transaction(queue.tenant, (sql) =>
          this.#write(sql, queue, jobs),
        );
        return settle(jobs, outcomes);
      } catch (error) {
        failure = error;
        const fault = faultOf(error);
        if (fault === "unknown outcome") markUncertain(jobs);
        else if (fault === "other" || fault === "bad data") return this.#giveUp(queue, jobs, error);
      }
    }
    for (const job of jobs) job.reject(unavailable(failure));
  }

  async #write(
    sql: Sql,
    { tenant, store }: StreamQueue,
    jobs: readonly Job[],
  ): Promise<(Accepted | Refusal)[]> {
    const stream = await lockStream(sql, tenant, store);
    if (stream === undefined) {
      return jobs.map(streamUnknown);
    }
    const [first] = jobs;
    if (typeof first?.what === "function") return [await first.what(sql, stream)];
    return await this.#place(sql, stream, jobs.map(entryOf));
  }

  /** A group fails for a fault of one: each gets a transaction of its own, so that the one fails alone. */
  async #giveUp(queue: StreamQueue, jobs: readonly Job[], error: unknown): Promise<void> {
    const [first] = jobs;
    if (jobs.length === 1) return first?.reject(typeof first.what === "function" ? error : refusalOf(error));
    for (const job of jobs) await this.#commit(queue, [job]);
  }
}

function entryOf({ what }: Job): Entry {
  if (typeof what === "function") throw new TypeError("own work has a group to itself");
  return what;
}

/** Agents of the events; own work knows its own. */
function agentsOf(jobs: readonly Job[]): string[] {
  const agents = jobs.flatMap(({ what }) =>
    typeof what === "function" ? [] : what.checked.event.sourceAgentId,
  );
  return [...new Set(agents)];
}

function markUncertain(jobs: readonly Job[]): void {
  for (const { what } of jobs) if (typeof what !== "function") what.uncertain = true;
}

function settle(jobs: readonly Job[], outcomes: readonly (Accepted | Refusal)[]): void {
  jobs.forEach((job, index) => {
    const outcome = outcomes[index];
    if (outcome === undefined || outcome instanceof Refusal) job.reject(outcome);
    else job.resolve(outcome);
  });
}
