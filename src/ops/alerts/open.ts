import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { takeProcessLock } from "../../chain/process-lock.ts";
import { InputError, RefusedError } from "../../core/errors.ts";
import type { Severity } from "../monitors/rule.ts";
import type { Acknowledgement, Alert, Sink } from "./alert.ts";
import type { AlertFigures, AlertRecord, Alerts, AlertsOptions, DeliveryTry } from "./alerts.ts";
import { AlertDatabase } from "./database.ts";
import { countDeadLetters, type DeadLetter, deadLetters, removeDeadLetter } from "./dead-letters.ts";
import { bury, Deliverer, reasonOf } from "./deliver.ts";
import { figuresOf } from "./figures.ts";
import { isoTime, writeHistory } from "./history.ts";
import { DeliveryQueue } from "./queue.ts";
import {
  activeAlerts,
  findAlert,
  isActive,
  isFor,
  isNews,
  keepAcknowledgement,
  keepAlert,
  keepMoved,
  movedAlert,
  type StoredAlert,
  withinLimits,
} from "./records.ts";
import { checkSilence, type Silence, type SilenceRequest, silencedUntil } from "./silence.ts";
import { addSilence, currentSilences, endSilence, hasEnded, takeEnded } from "./silences.ts";

/** Dead letters' files bear it. */
export const SINK_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
export const SINK_NAME_FORM = "1 to 63 of a-z, 0-9 and -, beginning with a letter or digit";

const DAY = 86_400_000;
/** Milliseconds for which what is over is known by its key, and for which its history is kept. */
const KEEP_ENDED = 90 * DAY;
const KEEP_HISTORY = 1_100 * DAY;
/** Milliseconds between two looks whether a silence has ended. */
const LOOK = 250;

/**
 * Opens the alerts of a folder, and begins to deliver what is queued there.
 *
 * @throws RefusedError while another process delivers from the folder; CheckError when it is damaged; UnavailableError when it
 *   cannot be used.
 */
export function openAlerts(options: AlertsOptions): Alerts {
  return new FolderAlerts(options);
}

class FolderAlerts implements Alerts {
  readonly delivers: boolean;
  readonly #folder: string;
  readonly #sinks: readonly Sink[];
  readonly #now: () => number;
  readonly #severityOf: (rule: string) => Severity | undefined;
  readonly #onTry: (delivery: DeliveryTry) => void;
  readonly #database: AlertDatabase;
  readonly #queue: DeliveryQueue;
  readonly #deliverers: readonly Deliverer[];
  readonly #unlock: (() => void) | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  /** When what is long over was last forgotten. */
  #forgot = 0;

  constructor(options: AlertsOptions) {
    this.#folder = options.folder;
    this.#sinks = distinct(options.sinks);
    this.#now = options.now ?? Date.now;
    this.#onTry = options.onTry ?? (() => undefined);
    this.#severityOf = options.severityOf ?? (() => undefined);
    this.#unlock = options.deliver === false ? undefined : lockOf(options);
    this.delivers = this.#unlock !== undefined;
    try {
      this.#database = AlertDatabase.open(options.folder);
    } catch (error) {
      this.#unlock?.();
      throw error;
    }
    this.#queue = new DeliveryQueue(this.#database);
    const parts = {
      folder: options.folder,
      database: this.#database,
      queue: this.#queue,
      now: this.#now,
      giveUpAfter: options.giveUpAfter ?? DAY,
      onTry: this.#onTry,
    };
    this.#deliverers = this.delivers ? this.#sinks.map((sink) => new Deliverer(sink, parts)) : [];
    if (!this.delivers) return;
    this.#forget();
    // A command may have been given another configuration than the watcher, with fewer sinks.
    if (options.deliver !== "if-free") this.#buryStrangers();
    this.#tellWhatLasts();
    this.#wake();
    this.#timer = setInterval(() => this.#endSilences(), LOOK).unref();
  }

  async raise(alerts: readonly Alert[]): Promise<void> {
    const checked = alerts.map(withinLimits);
    this.#database.transaction(() => {
      const silences = currentSilences(this.#database, this.#now());
      for (const alert of checked) this.#take(alert, silences);
    });
    this.#wake();
  }

  active(): readonly Alert[] {
    return activeAlerts(this.#database).map(({ alert }) => alert);
  }

  records(): readonly AlertRecord[] {
    const now = this.#now();
    const silences = currentSilences(this.#database, now);
    return activeAlerts(this.#database).map(({ alert, changed, acknowledged }) => {
      const silenced = silencedUntil(alert, silences, now);
      return {
        alert,
        changed: isoTime(changed),
        ...(acknowledged === undefined ? {} : { acknowledged }),
        ...(silenced === undefined ? {} : { silencedUntil: isoTime(silenced) }),
      };
    });
  }

  async keepAlive(): Promise<void> {
    const active = this.active();
    const repeat = async (sink: Sink): Promise<void> => {
      const told = active.filter(({ key, phase }) => this.#queue.told(sink.name, key) === phase);
      if (told.length === 0) return;
      await sink.keepAlive?.(told).catch((error: unknown) => {
        this.#onTry({ sink: sink.name, key: "", outcome: "later", age: 0, reason: reasonOf(error) });
      });
    };
    await Promise.all(this.#sinks.map(repeat));
  }

  async resolve(key: string, by: string): Promise<void> {
    this.#database.transaction(() => {
      const { alert } = this.#find(key);
      this.#take({ ...alert, phase: "resolved" }, [], by);
    });
    this.#wake();
  }

  async acknowledge(key: string, by: string): Promise<void> {
    this.#database.transaction(() => {
      const { alert } = this.#find(key);
      const now = this.#now();
      keepAcknowledgement(this.#database, key, by, now);
      writeHistory(this.#database, now, { kind: "acknowledged", key, by });
      const acknowledgement: Acknowledgement = { by, at: isoTime(now) };
      for (const sink of this.#sinks)
        if (sink.acknowledge !== undefined && this.#knows(sink, key))
          this.#queue.put(sink.name, alert, now, acknowledgement);
    });
    this.#wake();
  }

  async silence({ rules, severities, from, until, reason, by }: SilenceRequest): Promise<Silence> {
    const now = this.#now();
    if (!Number.isFinite(until)) throw InputError.expected("silence: until", "a time", until);
    const silence: Silence = {
      id: randomUUID().slice(0, 8),
      rules: rules ?? [],
      severities: severities ?? [],
      from: isoTime(from ?? now),
      until: isoTime(until),
      reason,
      by,
      created: isoTime(now),
    };
    this.#database.transaction(() => {
      checkSilence(silence, currentSilences(this.#database, now), now, this.#severityOf);
      addSilence(this.#database, silence, now);
    });
    return silence;
  }

  async unsilence(id: string, by: string): Promise<void> {
    endSilence(this.#database, id, by, this.#now());
    this.#endSilences();
  }

  silences(): readonly Silence[] {
    return currentSilences(this.#database, this.#now());
  }

  figures(): AlertFigures {
    return figuresOf({
      database: this.#database,
      queue: this.#queue,
      sinks: this.#sinks,
      letters: countDeadLetters(this.#folder),
      now: this.#now(),
    });
  }

  deadLetters(): readonly DeadLetter[] {
    return deadLetters(this.#folder);
  }

  async retryDeadLetters(ids?: readonly string[]): Promise<readonly DeadLetter[]> {
    const letters = chosen(deadLetters(this.#folder), ids);
    for (const letter of letters) {
      const sink = this.#sinks.find(({ name }) => name === letter.sink);
      if (sink === undefined)
        throw InputError.expected(`dead letter ${letter.id}: sink`, "one of the configuration", letter.sink);
      this.#database.transaction(() => this.#queueAgain(letter));
      removeDeadLetter(this.#folder, letter.id);
    }
    this.#wake();
    return letters;
  }

  async drained(milliseconds: number): Promise<boolean> {
    const end = Date.now() + milliseconds;
    while (Date.now() < end && this.#deliverers.some(({ idle }) => !idle)) {
      this.#wake();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return this.#queue.waiting().size === 0;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#deliverers.map((deliverer) => deliverer.close()));
    this.#database.close();
    this.#unlock?.();
  }

  #wake(): void {
    for (const deliverer of this.#deliverers) deliverer.wake();
  }

  #find(key: string): StoredAlert {
    const known = findAlert(this.#database, key);
    if (known !== undefined && isActive(known.alert.phase)) return known;
    throw InputError.expected("alert", "the key of one that is active", key, "npx proofx alerts list");
  }

  /** Keeps an alert's new phase and queues it; nothing for what is no news. */
  #take(alert: Alert, silences: readonly Silence[], by?: string): void {
    const known = findAlert(this.#database, alert.key);
    if (!isNews(known?.alert, alert)) {
      const moved = movedAlert(known?.alert, alert);
      if (moved !== undefined) keepMoved(this.#database, moved);
      return;
    }
    const now = this.#now();
    const begins = isActive(alert.phase) && (known === undefined || !isActive(known.alert.phase));
    keepAlert(this.#database, alert, now, begins);
    const silenced = isActive(alert.phase) ? silencedUntil(alert, silences, now) : undefined;
    const { key, rule, severity, since, summary } = alert;
    writeHistory(this.#database, now, {
      kind: alert.phase,
      ...{ key, rule, severity, since, summary },
      ...(by === undefined ? {} : { by }),
      ...(silenced === undefined ? {} : { silencedUntil: isoTime(silenced) }),
    });
    if (silenced !== undefined) return;
    for (const sink of this.#sinks) {
      // An end is for those who heard, or are about to hear, of the beginning.
      const ends = alert.phase === "resolved" || alert.phase === "retracted";
      const concerns = ends ? this.#knows(sink, key) : isFor(sink, alert);
      if (concerns) this.#queue.put(sink.name, alert, now);
      else this.#queue.tell(sink.name, key, "resolved");
    }
  }

  #knows(sink: Sink, key: string): boolean {
    const told = this.#queue.told(sink.name, key);
    return (told !== undefined && told !== "dead") || this.#queue.holds(sink.name, key);
  }

  #queueAgain({ sink, alert, acknowledgement }: DeadLetter): void {
    const now = this.#now();
    this.#queue.put(sink, alert, now, acknowledgement);
    const current = findAlert(this.#database, alert.key)?.alert;
    // Its end was kept from a sink that never heard of it.
    if (current !== undefined && isActive(alert.phase) && !isActive(current.phase))
      this.#queue.put(sink, current, now);
  }

  /** Messages for sinks that the configuration no longer has. */
  #buryStrangers(): void {
    const names = new Set(this.#sinks.map(({ name }) => name));
    for (const sink of this.#queue.waiting().keys()) {
      if (names.has(sink)) continue;
      for (const delivery of this.#queue.olderThan(sink, Number.MAX_SAFE_INTEGER))
        bury(
          { folder: this.#folder, database: this.#database, queue: this.#queue, now: this.#now, sink },
          delivery,
          "the configuration has no sink of this name",
        );
    }
  }

  #endSilences(): void {
    try {
      if (!this.delivers) return;
      if (this.#now() - this.#forgot > DAY) this.#forget();
      if (!hasEnded(this.#database, this.#now())) return;
      // An end that is noted and not acted on would never be found again.
      this.#database.transaction(() => {
        takeEnded(this.#database, this.#now());
        this.#tellWhatLasts();
      });
    } catch {
      // The database is busy or the disk is full; the next look finds it again.
      return;
    }
    this.#wake();
  }

  /** Queues what lasts for sinks that have not heard of it: after a silence, or because a sink is new. */
  #tellWhatLasts(): void {
    const now = this.#now();
    this.#database.transaction(() => {
      const silences = currentSilences(this.#database, now);
      for (const { alert } of activeAlerts(this.#database)) {
        if (silencedUntil(alert, silences, now) !== undefined) continue;
        for (const sink of this.#sinks) {
          const told = this.#queue.told(sink.name, alert.key);
          const heard =
            told === "dead" || (this.#queue.lastPhase(sink.name, alert.key) ?? told) === alert.phase;
          if (!heard && isFor(sink, alert)) this.#queue.put(sink.name, alert, now);
        }
      }
    });
  }

  #forget(): void {
    const now = this.#now();
    this.#forgot = now;
    this.#database.transaction(() => {
      this.#database.run(
        "DELETE FROM alerts WHERE phase IN ('resolved', 'retracted', 'notice') AND changed < ?",
        now - KEEP_ENDED,
      );
      this.#database.run("DELETE FROM history WHERE at < ?", now - KEEP_HISTORY);
      this.#database.run("DELETE FROM silences WHERE over = 1 AND ends < ?", now - KEEP_ENDED);
    });
  }
}

function lockOf({ folder, deliver }: AlertsOptions): (() => void) | undefined {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const unlock = takeProcessLock(join(folder, "delivering.lock"));
  if (unlock === undefined && deliver !== "if-free")
    throw new RefusedError(`another process delivers the alerts of ${folder}`, {
      next: "stop it, or give this one a folder of its own",
    });
  return unlock;
}

function distinct(sinks: readonly Sink[]): readonly Sink[] {
  const names = sinks.map(({ name }) => name);
  const odd = names.find((name) => !SINK_NAME.test(name));
  if (odd !== undefined) throw InputError.expected("sinks: name", SINK_NAME_FORM, odd);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw InputError.expected("sinks", "each name once", twice);
  return sinks;
}

function chosen(letters: readonly DeadLetter[], ids: readonly string[] | undefined): readonly DeadLetter[] {
  if (ids === undefined) return letters;
  const unknown = ids.find((id) => !letters.some((letter) => letter.id === id));
  if (unknown !== undefined)
    throw InputError.expected(
      "dead letter",
      "an id that there is",
      unknown,
      "npx proofx alerts dead-letters list",
    );
  return letters.filter(({ id }) => ids.includes(id));
}
