import { parseNote, signatureLine } from "../../core/log/index.ts";
import type { Database, Sql } from "../../sequencer/store/index.ts";
import {
  insertCosignature,
  type LogReader,
  lastCosigned,
  latestCheckpoint,
  type PublishedCheckpoint,
  type StreamKey,
} from "../../sequencer/tree/index.ts";
import { requestCosignatures, type WitnessEndpoint } from "../../sequencer/tree/witnesses.ts";
import type { Logger } from "../support/log.ts";
import type { SequencerMetrics } from "./metrics.ts";

export interface CosigningParts {
  /** As the API's role. */
  readonly database: Database;
  readonly reader: LogReader;
  readonly witnesses: readonly WitnessEndpoint[];
  readonly metrics: Pick<SequencerMetrics, "witness">;
  readonly log: Logger;
}

/** Milliseconds after which a witness that did not answer is asked again. */
const RETRY = 30_000;

/**
 * Has checkpoints cosigned and keeps what comes back. Nobody waits for a witness: of a stream only the newest checkpoint is
 * asked about, once the question before it was answered.
 */
export class Cosigning {
  readonly #parts: CosigningParts;
  /** By stream: what is asked now, and what is to be asked after it. */
  readonly #asking = new Map<string, { running: Promise<void>; next: PublishedCheckpoint | undefined }>();
  /** Questions that were not answered, to be asked again unless a newer checkpoint comes first. */
  readonly #again = new Map<string, NodeJS.Timeout>();
  /** By witness: streams of which it has cosigned more than there is. */
  readonly #ahead = new Map<string, Set<string>>();
  #stopped = false;

  constructor(parts: CosigningParts) {
    this.#parts = parts;
  }

  /** Asks about a checkpoint, now or after the question that is under way. */
  ask(stream: StreamKey, checkpoint: PublishedCheckpoint): void {
    if (this.#stopped || this.#parts.witnesses.length === 0) return;
    const key = keyOf(stream);
    clearTimeout(this.#again.get(key));
    this.#again.delete(key);
    const asking = this.#asking.get(key);
    if (asking === undefined)
      this.#asking.set(key, { running: this.#run(key, stream, checkpoint), next: undefined });
    else asking.next = checkpoint;
  }

  /**
   * Asks about the newest checkpoints that lack a witness's cosignature, one stream after the other: those that a process left
   * behind when it ended.
   */
  async resume(streams: readonly StreamKey[]): Promise<void> {
    const { database, witnesses } = this.#parts;
    for (const stream of streams) {
      if (this.#stopped || witnesses.length === 0) return;
      const newest = await database.transaction(stream.tenant, async (sql) => {
        const checkpoint = await latestCheckpoint(sql, stream);
        if (checkpoint === undefined) return undefined;
        const sizes = await this.#cosignedSizes(sql, stream);
        return [...sizes.values()].some((size) => size < checkpoint.size) ? checkpoint : undefined;
      });
      // A newer one may be asked about by now.
      if (newest === undefined || this.#asking.has(keyOf(stream)) || this.#again.has(keyOf(stream))) continue;
      this.ask(stream, newest);
      await this.#asking.get(keyOf(stream))?.running;
    }
  }

  /** What witnesses know of this log that it does not have itself, in words. */
  obstacles(): string[] {
    return [...this.#ahead].flatMap(([witness, streams]) =>
      streams.size === 0
        ? []
        : [
            `witness ${witness} has cosigned more of ${streams.size} streams than this log has: it lost its end, or another log has its key`,
          ],
    );
  }

  /** Asks nothing more and waits for the answers to come. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#again.values()) clearTimeout(timer);
    await Promise.all([...this.#asking.values()].map(({ running }) => running));
  }

  async #run(key: string, stream: StreamKey, first: PublishedCheckpoint): Promise<void> {
    let checkpoint: PublishedCheckpoint | undefined = first;
    while (checkpoint !== undefined && !this.#stopped) {
      const asked: PublishedCheckpoint = checkpoint;
      const answered = await this.#askOnce(stream, asked).catch((error: unknown) => {
        this.#parts.log.error({ err: error, store: stream.store }, "cosignatures could not be kept");
        return false;
      });
      if (!answered && !this.#stopped)
        this.#again.set(key, setTimeout(() => this.ask(stream, asked), RETRY).unref());
      const asking = this.#asking.get(key);
      checkpoint = asking?.next;
      if (asking !== undefined) asking.next = undefined;
    }
    this.#asking.delete(key);
  }

  /** @returns whether every witness answered. */
  async #askOnce(stream: StreamKey, { note, size }: PublishedCheckpoint): Promise<boolean> {
    const { database, reader, witnesses, metrics, log } = this.#parts;
    const knownSizes = await database.transaction(stream.tenant, (sql) => this.#cosignedSizes(sql, stream));
    const outcomes = await requestCosignatures({
      note: parseNote(note),
      witnesses,
      knownSizes,
      consistency: async (from, to) => (await reader.consistency(stream, from, to)).path,
    });
    await database.transaction(stream.tenant, async (sql) => {
      for (const outcome of outcomes) {
        if (outcome.kind !== "cosigned") continue;
        const { witness } = outcome;
        await insertCosignature(sql, stream, { size, witness, line: signatureLine(outcome.line) });
      }
    });
    const newest = await database.transaction(stream.tenant, (sql) => latestCheckpoint(sql, stream));
    for (const outcome of outcomes) {
      metrics.witness(outcome.kind);
      // What another process of this log has published since is no more than this log has.
      const ahead = outcome.kind === "ahead" && newest?.size === size;
      if (ahead || outcome.kind === "cosigned") this.#note(outcome.witness, stream, ahead);
      if (outcome.kind === "cosigned") continue;
      const { witness, kind, detail } = outcome;
      log.warn({ store: stream.store, size: String(size), witness, kind, detail }, "no cosignature");
    }
    return outcomes.every(({ kind }) => kind !== "unreachable");
  }

  /** The largest size of a stream that each witness cosigned, by its name. */
  async #cosignedSizes(sql: Sql, stream: StreamKey): Promise<Map<string, bigint>> {
    const sizes = new Map<string, bigint>();
    for (const { key } of this.#parts.witnesses)
      sizes.set(key.name, await lastCosigned(sql, stream, key.name));
    return sizes;
  }

  #note(witness: string, stream: StreamKey, ahead: boolean): void {
    const streams = this.#ahead.get(witness) ?? new Set();
    this.#ahead.set(witness, streams);
    if (ahead) streams.add(keyOf(stream));
    else streams.delete(keyOf(stream));
  }
}

const keyOf = ({ tenant, store }: StreamKey): string => `${tenant}/${store}`;
