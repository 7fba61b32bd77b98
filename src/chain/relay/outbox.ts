import { createHash, randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import lockfile from "proper-lockfile";
import { RefusedError, UnavailableError } from "../../core/errors.ts";
import { canonicalJson, readFields } from "../../core/json.ts";
import type { ProofFileText } from "../proof-file.ts";
import { Journal } from "./journal.ts";
import { isEnded, type SubmissionRecord, submissionRecord } from "./record.ts";

/** The lock of a killed process is taken over after this. */
const STALE_MS = 5_000;
const RETRY_MS = 500;
/** A journal this many times as long as what is alive in it is written anew. */
const SLACK = 4;
const LEAST_LENGTH = 1_000_000;

export interface OutboxOptions {
  /** Folder of the journal; made when it is missing. */
  readonly folder: string;
  /** Milliseconds for which an ended submission is remembered, its idempotency key with it. */
  readonly keepFor: number;
  readonly now: () => number;
}

/** What became of a request that was handed in. */
export type Accepted =
  | { readonly kind: "new" | "repeated"; readonly record: SubmissionRecord }
  /** The key stands for another request. */
  | { readonly kind: "conflict" };

/**
 * Every submission the relayer knows, in memory and, before anything is done about it, in a journal.
 *
 * One journal rather than a file a submission: nonces and the limit on spending belong to all of them, so their order
 * matters, and one fsync keeps a step.
 */
export class Outbox {
  readonly #journal: Journal;
  readonly #records = new Map<string, SubmissionRecord>();
  readonly #keys = new Map<string, string>();
  readonly #options: OutboxOptions;
  readonly #unlock: () => Promise<void>;
  #lost: Error | undefined;
  #compactAt = LEAST_LENGTH;
  /** Bytes at the end that a crash had left half written. */
  readonly tornBytes: number;

  private constructor(
    options: OutboxOptions,
    { journal, entries, tornBytes }: ReturnType<typeof Journal.open>,
    unlock: () => Promise<void>,
  ) {
    this.#options = options;
    this.#journal = journal;
    this.#unlock = unlock;
    this.tornBytes = tornBytes;
    for (const entry of entries) {
      const record = readFields(submissionRecord, entry, journalPath(options.folder));
      this.#remember(record);
    }
  }

  /**
   * @throws RefusedError while another process holds the folder; CheckError when the journal is damaged.
   */
  static async open(options: OutboxOptions): Promise<Outbox> {
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    const held: { lose: (error: Error) => void } = { lose: () => undefined };
    const unlock = await lockfile
      .lock(options.folder, {
        stale: STALE_MS,
        update: STALE_MS / 5,
        retries: {
          retries: STALE_MS / RETRY_MS + 2,
          factor: 1,
          minTimeout: RETRY_MS,
          maxTimeout: RETRY_MS,
        },
        onCompromised: (error) => held.lose(error),
      })
      .catch((cause: unknown) => {
        throw new RefusedError(`another relayer works in ${options.folder}`, {
          cause,
          next: "stop it, or give this one a folder and a sending key of its own",
        });
      });
    try {
      const outbox = new Outbox(options, Journal.open(journalPath(options.folder)), unlock);
      held.lose = (error) => {
        outbox.#lost = error;
      };
      outbox.#compact();
      return outbox;
    } catch (error) {
      await unlock();
      throw error;
    }
  }

  /** Takes a request in, durably, once for each key. */
  accept(key: string, statement: ProofFileText): Accepted {
    const digest = createHash("sha256").update(canonicalJson("submission", statement));
    const text = digest.digest("hex");
    const known = this.byKey(key);
    if (known !== undefined) {
      return known.digest === text ? { kind: "repeated", record: known } : { kind: "conflict" };
    }
    const at = this.#options.now();
    const record: SubmissionRecord = {
      version: 1,
      id: randomUUID(),
      key,
      digest: text,
      statement,
      state: "accepted",
      createdAt: at,
      updatedAt: at,
      past: [],
      spent: [],
    };
    return { kind: "new", record: this.#keep(record) };
  }

  /** Changes a submission; durable once this returns. */
  put(record: SubmissionRecord): SubmissionRecord {
    const kept = this.#keep({ ...record, updatedAt: this.#options.now() });
    this.#compact();
    return kept;
  }

  get(id: string): SubmissionRecord | undefined {
    return this.#records.get(id);
  }

  byKey(key: string): SubmissionRecord | undefined {
    return this.#records.get(this.#keys.get(key) ?? "");
  }

  /** All submissions, oldest first. */
  all(): SubmissionRecord[] {
    return [...this.#records.values()];
  }

  /** Those that have not ended, oldest first. */
  unfinished(): SubmissionRecord[] {
    return this.all().filter((record) => !isEnded(record));
  }

  async close(): Promise<void> {
    this.#journal.close();
    if (this.#lost === undefined) await this.#unlock();
  }

  #keep(record: SubmissionRecord): SubmissionRecord {
    if (this.#lost !== undefined)
      throw new UnavailableError(`the lock on ${this.#options.folder} was lost`, {
        cause: this.#lost,
        next: "start the relayer again",
      });
    this.#journal.append(record);
    this.#remember(record);
    return record;
  }

  #remember(record: SubmissionRecord): void {
    this.#records.set(record.id, record);
    this.#keys.set(record.key, record.id);
  }

  /** Forgets what ended long ago, and what the journal holds of earlier steps. */
  #compact(): void {
    const length = this.#journal.length;
    if (length < this.#compactAt) return;
    const old = this.#options.now() - this.#options.keepFor;
    const alive = this.all().filter((record) => !isEnded(record) || record.updatedAt >= old);
    const needed = alive.reduce((sum, record) => sum + JSON.stringify(record).length, 0);
    this.#compactAt = Math.max(LEAST_LENGTH, 2 * length);
    if (length < SLACK * needed) return;
    try {
      this.#journal.rewrite(alive);
    } catch {
      // The old journal is whole and goes on; there will be another occasion.
      return;
    }
    this.#compactAt = Math.max(LEAST_LENGTH, SLACK * needed);
    this.#records.clear();
    this.#keys.clear();
    for (const record of alive) this.#remember(record);
  }
}

const journalPath = (folder: string): string => join(folder, "journal");
