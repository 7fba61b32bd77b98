import type { EventReader, LoggedEvent } from "../../sequencer/read/index.ts";
import type { StreamKey } from "../../sequencer/tree/index.ts";
import { Problem } from "../support/problem.ts";
import type { Heads } from "./heads.ts";

export interface TailLimits {
  /** Tails at a time. */
  readonly most: number;
  /** Milliseconds without an event after which a sign of life is sent. */
  readonly heartbeat: number;
  /** Milliseconds after which a tail ends. */
  readonly lifetime: number;
}

/** Events read at a time: what a slow client keeps in memory. */
const PART = 100;

/** A tenant gets one place in so many. */
const TENANT_SHARE = 4;

/** Streams that clients follow, as server-sent events. */
export class Tails {
  readonly #reader: EventReader;
  readonly #heads: Heads;
  readonly #limits: TailLimits;
  readonly #stop = new AbortController();
  #open = 0;
  /** Open ones of each tenant that has any. */
  readonly #tenants = new Map<string, number>();

  constructor(reader: EventReader, heads: Heads, limits: TailLimits) {
    this.#reader = reader;
    this.#heads = heads;
    this.#limits = limits;
  }

  get open(): number {
    return this.#open;
  }

  /** Ends all tails; their clients come back, here or elsewhere. */
  stop(): void {
    this.#stop.abort();
  }

  /**
   * A stream's events from a sequence number on, as text; the next part is read only once the last was taken.
   *
   * @param gone Aborts when the client has hung up.
   * @throws Problem when as many clients follow streams as may.
   */
  follow(
    stream: StreamKey,
    from: bigint,
    gone: AbortSignal,
    text: (event: LoggedEvent) => string,
  ): AsyncIterable<string> {
    const ofTenant = this.#tenants.get(stream.tenant) ?? 0;
    // No tenant takes all places.
    if (this.#open >= this.#limits.most || ofTenant >= Math.max(1, this.#limits.most / TENANT_SHARE))
      throw new Problem("overloaded", "as many clients follow streams as may", { retryAfter: 5 });
    this.#open += 1;
    this.#tenants.set(stream.tenant, ofTenant + 1);
    const signal = AbortSignal.any([gone, this.#stop.signal, AbortSignal.timeout(this.#limits.lifetime)]);
    let held = true;
    const release = (): void => {
      if (held) this.#leave(stream.tenant);
      held = false;
    };
    signal.addEventListener("abort", release, { once: true });
    return this.#events(stream, from, signal, text, release);
  }

  #leave(tenant: string): void {
    this.#open -= 1;
    const others = (this.#tenants.get(tenant) ?? 1) - 1;
    if (others === 0) this.#tenants.delete(tenant);
    else this.#tenants.set(tenant, others);
  }

  async *#events(
    stream: StreamKey,
    from: bigint,
    signal: AbortSignal,
    text: (event: LoggedEvent) => string,
    release: () => void,
  ): AsyncGenerator<string> {
    const unwatch = this.#heads.watch(stream);
    try {
      // At once, so that a client knows that it is heard; a browser comes back after this many milliseconds.
      yield "retry: 1000\n\n";
      for (let next = from; !signal.aborted; ) {
        const { events } = await this.#reader.range(stream, { from: next, limit: PART });
        for (const event of events) {
          yield text(event);
          next = event.sequence + 1n;
          if (signal.aborted) return;
        }
        if (events.length > 0) continue;
        const before = Date.now();
        await this.#heads.beyond(stream, next - 1n, this.#limits.heartbeat, signal);
        if (Date.now() - before >= this.#limits.heartbeat) yield ": still here\n\n";
      }
    } finally {
      unwatch();
      release();
    }
  }
}
