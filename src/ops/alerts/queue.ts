import type { Acknowledgement, Alert, AlertPhase } from "./alert.ts";
import type { AlertDatabase, Row } from "./database.ts";
import { urgencyOf } from "./records.ts";

/** One message to one sink. */
export interface Delivery {
  readonly id: number;
  readonly sink: string;
  readonly alert: Alert;
  /** When it is about that. */
  readonly acknowledgement?: Acknowledgement;
  /** Milliseconds since 1970. */
  readonly queued: number;
  /** Tries so far. */
  readonly attempts: number;
}

/** `dead`: the message about it became a dead letter, so its end is not told either. */
export type Told = AlertPhase | "dead";

/** What waits for sinks, and what each was told last. All of it is part of the caller's transaction. */
export class DeliveryQueue {
  readonly #database: AlertDatabase;

  constructor(database: AlertDatabase) {
    this.#database = database;
  }

  put(sink: string, alert: Alert, queued: number, acknowledgement?: Acknowledgement): void {
    const body = acknowledgement === undefined ? { alert } : { alert, acknowledgement };
    this.#database.run(
      "INSERT INTO queue (sink, key, kind, phase, urgency, body, queued) VALUES (?, ?, ?, ?, ?, ?, ?)",
      sink,
      alert.key,
      acknowledgement === undefined ? "deliver" : "acknowledge",
      alert.phase,
      urgencyOf(alert.severity),
      JSON.stringify(body),
      queued,
    );
  }

  /**
   * Whose turn it is: the most urgent, of these what was tried least, then the oldest. Messages about one alert keep their order,
   * and what a later one makes needless is dropped.
   *
   * @param aside Ids of messages that failed lately: they come after all others.
   */
  next(sink: string, aside: readonly number[] = []): Delivery | undefined {
    for (;;) {
      const row = this.#turn(sink, aside) ?? (aside.length > 0 ? this.#turn(sink, []) : undefined);
      if (row === undefined) return undefined;
      if (!this.#dropNeedless(sink, String(row.key))) return deliveryOf(row);
    }
  }

  #turn(sink: string, aside: readonly number[]): Row | undefined {
    return this.#database.first(
      `SELECT * FROM queue AS q WHERE sink = ? AND id NOT IN (SELECT value FROM json_each(?))
         AND NOT EXISTS (SELECT 1 FROM queue WHERE sink = q.sink AND key = q.key AND id < q.id)
       ORDER BY urgency, attempts, id LIMIT 1`,
      sink,
      JSON.stringify(aside),
    );
  }

  /** @returns Whether there was something. */
  #dropNeedless(sink: string, key: string): boolean {
    const rows = this.#database.all(
      "SELECT id, kind, phase FROM queue WHERE sink = ? AND key = ? ORDER BY id",
      sink,
      key,
    );
    const needless = needlessOf(
      rows.map(({ kind, phase }) => (kind === "acknowledge" ? "acknowledged" : (phase as AlertPhase))),
      this.told(sink, key) !== undefined,
    );
    for (const index of needless) this.remove(Number(rows[index]?.id));
    return needless.length > 0;
  }

  /** Whether something about this alert waits for this sink. */
  holds(sink: string, key: string): boolean {
    return (
      this.#database.first("SELECT 1 AS one FROM queue WHERE sink = ? AND key = ?", sink, key) !== undefined
    );
  }

  /** The phase of the last message about it that waits. */
  lastPhase(sink: string, key: string): AlertPhase | undefined {
    const row = this.#database.first(
      "SELECT phase FROM queue WHERE sink = ? AND key = ? AND kind = 'deliver' ORDER BY id DESC LIMIT 1",
      sink,
      key,
    );
    return row?.phase as AlertPhase | undefined;
  }

  told(sink: string, key: string): Told | undefined {
    const row = this.#database.first("SELECT phase FROM told WHERE sink = ? AND key = ?", sink, key);
    return row?.phase as Told | undefined;
  }

  tell(sink: string, key: string, phase: Told): void {
    if (phase === "resolved" || phase === "retracted" || phase === "notice")
      this.#database.run("DELETE FROM told WHERE sink = ? AND key = ?", sink, key);
    else
      this.#database.run(
        "INSERT INTO told (sink, key, phase) VALUES (?, ?, ?) ON CONFLICT (sink, key) DO UPDATE SET phase = excluded.phase",
        sink,
        key,
        phase,
      );
  }

  remove(id: number): void {
    this.#database.run("DELETE FROM queue WHERE id = ?", id);
  }

  failed(id: number): void {
    this.#database.run("UPDATE queue SET attempts = attempts + 1 WHERE id = ?", id);
  }

  get(id: number): Delivery | undefined {
    const row = this.#database.first("SELECT * FROM queue WHERE id = ?", id);
    return row === undefined ? undefined : deliveryOf(row);
  }

  /** Those that waited since before a time. */
  olderThan(sink: string, queued: number): Delivery[] {
    return this.#database
      .all("SELECT * FROM queue WHERE sink = ? AND queued <= ? ORDER BY id", sink, queued)
      .map(deliveryOf);
  }

  /** By sink: how many wait, and since when, in milliseconds since 1970, the oldest does. */
  waiting(): Map<string, { readonly count: number; readonly oldest: number }> {
    const rows = this.#database.all(
      "SELECT sink, count(*) AS count, min(queued) AS oldest FROM queue GROUP BY sink",
    );
    return new Map(
      rows.map(({ sink, count, oldest }) => [String(sink), { count: Number(count), oldest: Number(oldest) }]),
    );
  }
}

/**
 * Places of the messages about one alert, in their order, that need not be sent any more: an unconfirmed alert that something
 * follows, an acknowledgement of what is over, a block retracted before anybody heard of it, and earlier rounds of a state
 * that came and went while its sink was away.
 */
export function needlessOf(steps: readonly Step[], told: boolean): number[] {
  if (!told && steps.at(-1) === "retracted") return [...steps.keys()];
  const needless = [...steps.keys()].filter((index) => {
    const later = steps.slice(index + 1);
    if (steps[index] === "unconfirmed") return later.length > 0;
    return steps[index] === "acknowledged" && later.some(isEnd);
  });
  const left = [...steps.keys()].filter((index) => !needless.includes(index));
  if (left.length < 3) return needless;
  // Of the last round there is its beginning, and its end or who looks after it last: who never heard of it cannot take that.
  const begins = left.findLast((index) => steps[index] === "open");
  const last = left.at(-1);
  return [...needless, ...left.filter((index) => index !== begins && index !== last)];
}

type Step = AlertPhase | "acknowledged";

const isEnd = (step: Step): boolean => step === "resolved" || step === "retracted";

function deliveryOf(row: Row): Delivery {
  const { alert, acknowledgement } = JSON.parse(String(row.body)) as {
    alert: Alert;
    acknowledgement?: Acknowledgement;
  };
  return {
    id: Number(row.id),
    sink: String(row.sink),
    alert,
    ...(acknowledgement === undefined ? {} : { acknowledgement }),
    queued: Number(row.queued),
    attempts: Number(row.attempts),
  };
}
