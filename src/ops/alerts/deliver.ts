import { errorCode, ProofXError, RefusedError } from "../../core/errors.ts";
import type { Sink } from "./alert.ts";
import type { DeliveryTry } from "./alerts.ts";
import type { AlertDatabase } from "./database.ts";
import { letterId, writeDeadLetter } from "./dead-letters.ts";
import { isoTime, writeHistory } from "./history.ts";
import type { Delivery, DeliveryQueue } from "./queue.ts";
import { RetryLater } from "./retry-later.ts";

/** Milliseconds between two looks at what other processes queued. */
const LOOK = 250;
/** Milliseconds after a first failure; twice as long after each further one. */
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 300_000;
/** Milliseconds for which a message that failed lets all others pass, at most: no critical one is to wait for long. */
const LONGEST_ASIDE = 10_000;
/** Milliseconds for which this process must have failed before it gives up: a day of its own absence is no day of tries. */
const LEAST_TRYING = 600_000;
/** Milliseconds that a receiver may ask for, at least and at most. */
const LEAST_ASKED = 200;
const LONGEST_ASKED = 3_600_000;

export interface DelivererParts {
  readonly folder: string;
  readonly database: AlertDatabase;
  readonly queue: DeliveryQueue;
  readonly now: () => number;
  readonly giveUpAfter: number;
  readonly onTry: (delivery: DeliveryTry) => void;
}

/** Sends one sink's messages, one at a time. */
export class Deliverer {
  readonly #sink: Sink;
  readonly #parts: DelivererParts;
  #timer: NodeJS.Timeout | undefined;
  /** Set while a message is under way. */
  #sending: Promise<void> | undefined;
  /** Tries that failed since the last that did not. */
  #failures = 0;
  #notBefore = 0;
  /** By id of a message that failed: until when it lets all others pass. */
  readonly #aside = new Map<number, number>();
  /** By id of a message: when this process first failed to send it. */
  readonly #firstFailed = new Map<number, number>();
  /** When the first try failed of those since the last that did not. */
  #failingSince: number | undefined;
  #closed = false;

  constructor(sink: Sink, parts: DelivererParts) {
    this.#sink = sink;
    this.#parts = parts;
  }

  /** Sends what is due, and looks again later. */
  wake(): void {
    if (this.#closed || this.#sending !== undefined) return;
    clearTimeout(this.#timer);
    this.#sending = this.#sendAll()
      // A fault of the database: what waits is there when it works again.
      .catch(() => undefined)
      .finally(() => {
        this.#sending = undefined;
        if (!this.#closed) this.#timer = setTimeout(() => this.wake(), this.#rest).unref();
      });
  }

  /** Whether nothing is under way, and nothing that waits may be sent now. */
  get idle(): boolean {
    return this.#sending === undefined && (this.#pausing || !this.#waiting);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#sending;
  }

  /** Milliseconds to the next look: sooner where a message may be sent sooner. */
  get #rest(): number {
    const wait = this.#notBefore - this.#parts.now();
    return wait > 0 ? Math.min(wait, LOOK) : LOOK;
  }

  get #pausing(): boolean {
    return this.#failures > 0 && this.#parts.now() < this.#notBefore;
  }

  get #waiting(): boolean {
    return this.#parts.queue.waiting().has(this.#sink.name);
  }

  async #sendAll(): Promise<void> {
    while (!this.#closed && this.#parts.now() >= this.#notBefore) {
      const delivery = this.#parts.queue.next(this.#sink.name, this.#setAside());
      if (delivery === undefined) return;
      await this.#send(delivery);
    }
  }

  #setAside(): number[] {
    const now = this.#parts.now();
    for (const [id, until] of this.#aside) if (until <= now) this.#aside.delete(id);
    return [...this.#aside.keys()];
  }

  async #send(delivery: Delivery): Promise<void> {
    const { alert, acknowledgement } = delivery;
    try {
      if (acknowledgement === undefined) await this.#sink.deliver(alert);
      else await this.#sink.acknowledge?.(alert, acknowledgement);
    } catch (error) {
      this.#failed(delivery, error);
      return;
    }
    this.#failures = 0;
    this.#failingSince = undefined;
    this.#notBefore = this.#parts.now() + (this.#sink.interval ?? 0);
    this.#succeeded(delivery);
  }

  #succeeded(delivery: Delivery): void {
    const { database, queue, now } = this.#parts;
    const { id, alert, acknowledgement } = delivery;
    database.transaction(() => {
      queue.remove(id);
      if (acknowledgement === undefined) queue.tell(this.#sink.name, alert.key, alert.phase);
      database.run(
        "INSERT INTO deliveries (sink, last) VALUES (?, ?) ON CONFLICT (sink) DO UPDATE SET last = excluded.last",
        this.#sink.name,
        now(),
      );
      this.#note("delivered", delivery);
    });
    this.#report(delivery, "delivered");
  }

  #failed(delivery: Delivery, error: unknown): void {
    const { queue, now, giveUpAfter } = this.#parts;
    const reason = reasonOf(error);
    if (error instanceof RefusedError) {
      this.#bury(delivery, reason);
      return;
    }
    this.#failures += 1;
    this.#notBefore = now() + pauseOf(error, this.#failures);
    queue.failed(delivery.id);
    const aside = Math.min(2 * FIRST_PAUSE * 2 ** delivery.attempts, LONGEST_ASIDE);
    this.#aside.set(delivery.id, now() + aside);
    const trying = Math.min(LEAST_TRYING, giveUpAfter);
    const own = this.#noteFailure(delivery.id);
    // Whoever has not answered for so long did not do so for the others that waited as long.
    const since = this.#failingSince ?? now();
    const old = queue
      .olderThan(this.#sink.name, now() - giveUpAfter)
      .filter(({ id }) => now() - (id === delivery.id ? Math.min(own, since) : since) >= trying);
    for (const each of old) this.#bury(each, reason);
    if (!old.some(({ id }) => id === delivery.id)) this.#report(delivery, "later", reason);
  }

  /** @returns When this process first failed to send it. */
  #noteFailure(id: number): number {
    const { queue, now } = this.#parts;
    this.#failingSince ??= now();
    for (const known of this.#firstFailed.keys())
      if (queue.get(known) === undefined) this.#firstFailed.delete(known);
    const first = this.#firstFailed.get(id) ?? now();
    this.#firstFailed.set(id, first);
    return first;
  }

  /** Gives a message up: first it is kept as a dead letter, then it leaves the queue. */
  #bury(delivery: Delivery, reason: string): void {
    bury({ ...this.#parts, sink: this.#sink.name }, delivery, reason);
    this.#report(delivery, "dead", reason);
  }

  #note(kind: "delivered", { alert, acknowledgement, queued, attempts }: Delivery): void {
    const { database, now } = this.#parts;
    writeHistory(database, now(), {
      kind,
      key: alert.key,
      sink: this.#sink.name,
      phase: acknowledgement === undefined ? alert.phase : "acknowledged",
      age: now() - queued,
      attempts: attempts + 1,
    });
  }

  #report({ alert, queued }: Delivery, outcome: DeliveryTry["outcome"], reason?: string): void {
    const { now, onTry } = this.#parts;
    const age = now() - queued;
    onTry({
      sink: this.#sink.name,
      key: alert.key,
      outcome,
      age,
      ...(reason === undefined ? {} : { reason }),
    });
  }
}

/** Makes a message that waits a dead letter. */
export function bury(
  {
    folder,
    database,
    queue,
    now,
    sink,
  }: Pick<DelivererParts, "folder" | "database" | "queue" | "now"> & { readonly sink: string },
  { id, alert, acknowledgement, queued, attempts }: Delivery,
  reason: string,
): void {
  const died = now();
  const tries = attempts + 1;
  const phase = acknowledgement === undefined ? alert.phase : "acknowledged";
  writeDeadLetter(folder, {
    id: letterId(isoTime(died), id, sink),
    sink,
    alert,
    ...(acknowledgement === undefined ? {} : { acknowledgement }),
    queued: isoTime(queued),
    died: isoTime(died),
    attempts: tries,
    reason,
  });
  database.transaction(() => {
    queue.remove(id);
    if (phase === "unconfirmed" || phase === "open") queue.tell(sink, alert.key, "dead");
    writeHistory(database, died, {
      kind: "dead-letter",
      key: alert.key,
      sink,
      phase,
      age: died - queued,
      attempts: tries,
      reason,
    });
  });
}

function pauseOf(error: unknown, failures: number): number {
  const asked = error instanceof RetryLater ? error.retryAfter : undefined;
  if (asked !== undefined && asked >= 0) return Math.min(Math.max(asked * 1000, LEAST_ASKED), LONGEST_ASKED);
  const pause = Math.min(FIRST_PAUSE * 2 ** (failures - 1), LONGEST_PAUSE);
  // Not all at the same moment, when several watchers lost the same receiver.
  return pause * (0.8 + 0.4 * Math.random());
}

/** What our own errors say is free of secrets; of any other only its code is told. */
export const reasonOf = (error: unknown): string =>
  error instanceof ProofXError ? error.message : `failed unexpectedly (${errorCode(error)})`;
