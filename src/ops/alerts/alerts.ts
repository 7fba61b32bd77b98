import type { Severity } from "../monitors/rule.ts";
import type { Acknowledgement, Alert, Sink } from "./alert.ts";
import type { DeadLetter } from "./dead-letters.ts";
import type { Silence, SilenceRequest } from "./silence.ts";

/** How alerts are opened: by the watcher, which delivers, and by commands beside it. */
export interface AlertsOptions {
  /** Where everything is kept, on a local disk; made when it is missing. */
  readonly folder: string;
  readonly sinks: readonly Sink[];
  /** Milliseconds since 1970; the system's clock without it. */
  readonly now?: () => number;
  /**
   * Whether this process sends what is queued, as one process at a time does; `true` without it. With `false` another one's
   * queue is filled, and delivered by whoever delivers; `if-free`: it sends unless another one does, and
   * leaves alone what waits for sinks that it was not given.
   */
  readonly deliver?: boolean | "if-free";
  /** Severity of a rule by its id, for silences; a rule that it does not know counts as critical. */
  readonly severityOf?: (rule: string) => Severity | undefined;
  /**
   * Milliseconds after which a delivery that keeps failing becomes a dead letter, at the earliest
   * after ten minutes of tries of this process; a day without it.
   */
  readonly giveUpAfter?: number;
  /** Told of each try, for metrics and the log. Never throws. */
  readonly onTry?: (delivery: DeliveryTry) => void;
}

/** One try to deliver one alert to one sink. */
export interface DeliveryTry {
  readonly sink: string;
  /** Empty where what lasts could not be said again ({@link Alerts.keepAlive}). */
  readonly key: string;
  /** `later`: it will be tried again; `dead`: it became a dead letter. */
  readonly outcome: "delivered" | "later" | "dead";
  /** Milliseconds since it was queued. */
  readonly age: number;
  /** Why not, without secrets. */
  readonly reason?: string;
}

/** An alert and what became of it. */
export interface AlertRecord {
  readonly alert: Alert;
  /** When its phase became what it is. RFC 3339, UTC, as all times here. */
  readonly changed: string;
  readonly acknowledged?: Acknowledgement;
  /** While it is silenced: until when. Sinks hear of it then, if it still lasts. */
  readonly silencedUntil?: string;
}

/** Figures for metrics and health. */
export interface AlertFigures {
  /** Alerts that are not over, by severity; silenced ones too. */
  readonly active: Readonly<Record<Severity, number>>;
  /** By sink. */
  readonly sinks: Readonly<Record<string, SinkFigures>>;
}

export interface SinkFigures {
  /** Deliveries that wait. */
  readonly queued: number;
  /** Seconds since the oldest of them was queued; 0 without any. */
  readonly oldest: number;
  readonly deadLetters: number;
  /** When something was last taken by it. */
  readonly lastDelivered?: string;
}

/** All alerts there are, and their way to the sinks. Several processes may have the same folder open; one of them delivers. */
export interface Alerts {
  /** Whether this process sends what is queued. */
  readonly delivers: boolean;
  /**
   * Takes alerts in, in their order. Resolves once they are kept durably and queued for every sink that they are for, so a
   * caller may forget them; they are delivered at least once, also after a crash.
   *
   * An alert whose key is known in the same phase is a repetition and changes nothing. Alerts come to an end by the phases
   * `resolved` and `retracted` alone, or by hand ({@link Alerts.resolve}).
   *
   * @throws InputError for a key above 255 characters; UnavailableError when the disk does not take it: then nothing was taken.
   */
  raise(alerts: readonly Alert[]): Promise<void>;
  /** Those that are unconfirmed or open, the most urgent first, then the oldest. */
  active(): readonly Alert[];
  /** The same with what became of them. */
  records(): readonly AlertRecord[];
  /**
   * Says again what lasts to sinks that would take silence for an end (Alertmanager); call it once a minute. A sink that
   * fails is told the next time, and `onTry` hears of it.
   */
  keepAlive(): Promise<void>;
  /** Ends an alert by hand. @throws InputError when none with this key is active. */
  resolve(key: string, by: string): Promise<void>;
  /** Somebody looks after it; sinks that have a use for it are told. @throws InputError likewise. */
  acknowledge(key: string, by: string): Promise<void>;
  /** @throws RefusedError when critical ones would be silenced for more than 4 hours; InputError for a window that is none. */
  silence(request: SilenceRequest): Promise<Silence>;
  /** Ends a silence before its time. @throws InputError when there is none with this id. */
  unsilence(id: string, by: string): Promise<void>;
  /** Silences that have not ended, the next to end first. */
  silences(): readonly Silence[];
  figures(): AlertFigures;
  /** Deliveries that were given up, the oldest first. */
  deadLetters(): readonly DeadLetter[];
  /** Queues dead letters again: those with these ids, or all. @throws InputError for an id, or a sink, that there is not. */
  retryDeadLetters(ids?: readonly string[]): Promise<readonly DeadLetter[]>;
  /**
   * Resolves once nothing is due to be sent, or after so many milliseconds; what waits for a sink that failed is not due.
   *
   * @returns Whether nothing is queued.
   */
  drained(milliseconds: number): Promise<boolean>;
  /** Ends deliveries; what is queued stays queued. */
  close(): Promise<void>;
}
