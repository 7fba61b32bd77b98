import { setTimeout as pause } from "node:timers/promises";
import type { Database, Sql } from "../store/index.ts";
import { faultOf, refusalOf, unavailable } from "./faults.ts";
import type { Entry } from "./place-group.ts";
import type { Accepted, IngestLimits } from "./ports.ts";
import { Refusal } from "./refusal.ts";
import { Slots } from "./slots.ts";
import { type LockedStream, lockStream } from "./stream-state.ts";

/** Writes a group's events within a transaction that has the stream. */
export type PlaceGroup = (
  sql: Sql,
  stream: LockedStream,
  entries: readonly Entry[],
) => Promise<(Accepted | Refusal)[]>;

/** Does something of the log's own within a transaction that has the stream. */
export type OwnWork = (sql: Sql, stream: LockedStream) => Promise<Accepted>;

/** Makes ready to seal anew for these agents, after a data key of the tenant's was destroyed. */
export type Reseal = (tenant: string, agents: readonly string[]) => Promise<void>;

interface Job {
  /** An agent's event, or work that has a transaction to itself. */
  readonly what: Entry | OwnWork;
  readonly bytes: number;
  resolve(accepted: Accepted): void;
  reject(error: unknown): void;
}

interface StreamQueue {
  readonly tenant: string;
  readonly store: string;
  readonly jobs: Job[];
  draining: Promise<void> | undefined;
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

  /** Appends an event with whatever else waits for its stream. @throws Refusal */
  append(tenant: string, store: string, entry: Entry): Promise<Accepted> {
    return this.#enqueue(tenant, store, entry, entry.checked.content.length);
  }

  /** Runs work of the log's own on a stream; it may be run again when the database failed under it. */
  run(tenant: string, store: string, work: OwnWork): Promise<Accepted> {
    return this.#enqueue(tenant, store, work, 0);
  }

  /** Resolves once nothing waits. */
  async settled(): Promise<void> {
    for (;;) {
      const busy = [...this.#queues.values()].flatMap(({ draining }) => draining ?? []);
      if (busy.length === 0) return;
      await Promise.all(busy);
    }
  }

  #enqueue(tenant: string, store: string, what: Job["what"], bytes: number): Promise<Accepted> {
    const id = `${tenant}/${store}`;
    const queue = this.#queues.get(id) ?? { tenant, store, jobs: [], draining: undefined };
    this.#queues.set(id, queue);
    return new Promise((resolve, reject) => {
      queue.jobs.push({ what, bytes, resolve, reject });
      queue.draining ??= this.#drain(queue).finally(() => {
        this.#queues.delete(id);
      });
    });
  }

  async #drain(queue: StreamQueue): Promise<void> {
    while (queue.jobs.length > 0) {
      await this.#slots.run(async () => this.#commit(queue, takeGroup(queue.jobs, this.#limits)));
    }
  }

  async #commit(queue: StreamQueue, jobs: readonly Job[]): Promise<void> {
    let failure: unknown;
    for (let attempt = 0; attempt < this.#limits.tries; attempt += 1) {
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
      return jobs.map(() => new Refusal("stream-unknown", "this store has no stream of this tenant's"));
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

/** The jobs that go together: own work alone, events up to a number and a size. Takes them off the queue. */
function takeGroup(jobs: Job[], { groupEvents, groupBytes }: IngestLimits): Job[] {
  if (typeof jobs[0]?.what === "function") return jobs.splice(0, 1);
  let bytes = 0;
  let count = 0;
  for (const { what, bytes: more } of jobs) {
    if (typeof what === "function" || count === groupEvents) break;
    if (count > 0 && bytes + more > groupBytes) break;
    bytes += more;
    count += 1;
  }
  return jobs.splice(0, count);
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
