import type { OwnDraft } from "../ingest/index.ts";
import { REFUSAL_CAUSES, type RefusalCause } from "./causes.ts";
import { Tallies, type Tally } from "./tallies.ts";

/** Entity and type of the events that tell of refusals, in the operator's stream. */
export const REFUSALS = "proofx.refusals";

/** Kinds of refusals in one event. */
const KINDS_PER_EVENT = 64;
/** Kinds told apart between two flushes: of known credentials, of strangers. */
const CREDENTIALS = 128;
const STRANGERS = 64;

/** Most events of one flush: all kinds there can be, and what had no room. */
export const EVENTS_PER_FLUSH = Math.ceil(
  (CREDENTIALS + STRANGERS + REFUSAL_CAUSES.length) / KINDS_PER_EVENT,
);

/** A refusal, to be written down. */
export interface RefusalNote {
  readonly cause: RefusalCause;
  /** UUID of the tenant whose credential it was; left out for strangers. */
  readonly tenant?: string | undefined;
  /** The credential's prefix, or the network of who has none. Never a text that a client chose. */
  readonly source: string;
}

export interface RefusalLedgerParts {
  /** Appends an event to the operator's stream. */
  readonly append: (draft: OwnDraft) => Promise<unknown>;
  /** Told when that fails; the counts are kept for the next time. */
  readonly onError: (error: unknown) => void;
  /** Seconds between flushes. */
  readonly intervalSeconds?: number;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/**
 * Writes down refusals without letting who causes them fill the log: they are counted in memory, by cause, tenant and source, and
 * a minute's counts become at most `EVENTS_PER_FLUSH` events. A process that is killed loses the counts since the last flush.
 */
export class RefusalLedger {
  readonly #parts: Required<RefusalLedgerParts>;
  readonly #tallies = new Tallies(CREDENTIALS, STRANGERS);
  #since: number;
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> = Promise.resolve();

  constructor(parts: RefusalLedgerParts) {
    this.#parts = { intervalSeconds: 60, now: Date.now, ...parts };
    this.#since = this.#parts.now();
  }

  /** Begins to flush by the clock. */
  start(): void {
    this.#timer ??= setInterval(() => void this.flush(), this.#parts.intervalSeconds * 1000).unref();
  }

  /** Flushes what is left, and stops; what cannot be appended now is lost, which `onError` is told. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.flush();
  }

  note({ cause, tenant, source }: RefusalNote): void {
    const now = this.#parts.now();
    this.#tallies.add({ cause, tenant: tenant ?? null, source, count: 1, first: now, last: now });
  }

  /** Appends what was counted so far; never rejects. One at a time. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#flush());
    return this.#flushing;
  }

  async #flush(): Promise<void> {
    const { append, onError, now } = this.#parts;
    const from = this.#since;
    const all = this.#tallies.drain();
    this.#since = now();
    for (let start = 0; start < all.length; start += KINDS_PER_EVENT) {
      try {
        await append(draftOf(all.slice(start, start + KINDS_PER_EVENT), from, this.#since));
      } catch (error) {
        onError(error);
        for (const tally of all.slice(start)) this.#tallies.add(tally);
        this.#since = from;
        return;
      }
    }
  }
}

function draftOf(tallies: readonly Tally[], from: number, to: number): OwnDraft {
  const time = (milliseconds: number): string => new Date(milliseconds).toISOString();
  const refusals = tallies.map(({ cause, tenant, source, count, first, last }) => ({
    cause,
    tenant_id: tenant,
    source,
    count,
    first: time(first),
    last: time(last),
  }));
  return {
    entityType: REFUSALS,
    entityId: "sequencer",
    eventType: REFUSALS,
    payload: { from: time(from), to: time(to), refusals },
  };
}
