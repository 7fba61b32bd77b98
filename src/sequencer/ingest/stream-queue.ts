import type { Sql } from "../store/index.ts";
import type { Entry } from "./place-group.ts";
import type { Accepted, IngestLimits } from "./ports.ts";
import type { LockedStream } from "./stream-state.ts";

/** Does something of the log's own within a transaction that has the stream. */
export type OwnWork = (sql: Sql, stream: LockedStream) => Promise<Accepted>;

/** What waits in line: an agent's event, or work that has a transaction to itself. */
export interface Job {
  readonly what: Entry | OwnWork;
  resolve(accepted: Accepted): void;
  reject(error: unknown): void;
}

/** A place in line, taken before it is known what goes there. */
export interface Place {
  /** Undefined while it is being checked. */
  job: Job | undefined;
  /** Nothing goes there after all. */
  gone: boolean;
}

/** What waits for one stream, in the order it came. */
export class StreamQueue {
  readonly tenant: string;
  readonly store: string;
  /** Whether somebody is emptying it. */
  draining = false;
  readonly #places: Place[] = [];

  constructor(tenant: string, store: string) {
    this.tenant = tenant;
    this.store = store;
  }

  get empty(): boolean {
    return this.#places.length === 0;
  }

  /** Takes the next place in line. */
  reserve(): Place {
    const place: Place = { job: undefined, gone: false };
    this.#places.push(place);
    return place;
  }

  /** Whether what is first in line may go. */
  get ready(): boolean {
    this.#skipGone();
    return this.#places[0]?.job !== undefined;
  }

  /** Takes off the line what goes together: own work alone, events up to a number and a size, none past one being checked. */
  take({ groupEvents, groupBytes }: IngestLimits): Job[] {
    const group: Job[] = [];
    let bytes = 0;
    let passed = 0;
    for (const { job, gone } of this.#places) {
      if (!gone) {
        if (job === undefined || group.length === groupEvents) break;
        const own = typeof job.what === "function";
        bytes += sizeOf(job);
        if (group.length > 0 && (own || bytes > groupBytes)) break;
        group.push(job);
        if (own) {
          passed += 1;
          break;
        }
      }
      passed += 1;
    }
    this.#places.splice(0, passed);
    return group;
  }

  #skipGone(): void {
    let gone = 0;
    while (this.#places[gone]?.gone === true) gone += 1;
    if (gone > 0) this.#places.splice(0, gone);
  }
}

function sizeOf({ what }: Job): number {
  return typeof what === "function" ? 0 : what.checked.content.length;
}
