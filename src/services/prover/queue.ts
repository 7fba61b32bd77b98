import type { InputTexts } from "./inputs.ts";
import type { Job, Outcome } from "./job.ts";

/** A request that was checked. */
export interface NewJob {
  readonly circuitVersion: number;
  readonly inputs: InputTexts;
  /** The client's Idempotency-Key. */
  readonly key?: string | undefined;
}

/** A job that a worker is to do now. */
export interface TakenJob {
  readonly id: string;
  readonly circuitVersion: number;
  readonly inputs: InputTexts;
  /** Aborted when nobody wants the proof any more. */
  readonly cancelled: AbortSignal;
}

/** Where jobs wait, and where their results are kept: in this process, or on a database that several provers share. */
export interface JobQueue {
  /**
   * Takes a job in, or finds the one that the same key and body made before.
   *
   * @throws Problem `queue-full`, `idempotency-conflict`, `queue-unavailable`.
   */
  submit(job: NewJob): Promise<Job>;
  find(id: string): Promise<Job | undefined>;
  /** Drops a queued job and stops one at work; one that has ended stays as it is. */
  cancel(id: string): Promise<Job | undefined>;
  /** The job once it has ended, or as it is after `milliseconds` or when `signal` aborts. */
  settled(id: string, milliseconds: number, signal: AbortSignal): Promise<Job | undefined>;
  /** The next job, waiting for one; nothing once `stopTaking` was called. */
  take(): Promise<TakenJob | undefined>;
  settle(id: string, outcome: Outcome): Promise<void>;
  lengths(): Promise<{ readonly queued: number; readonly running: number }>;
  /** Why it does not work now. */
  obstacles(): Promise<readonly string[]>;
  /** Ends every `take`. Jobs that only this process knows end as `stopping`. */
  stopTaking(): void;
  close(): Promise<void>;
}
