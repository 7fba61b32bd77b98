import { z } from "zod";
import { CheckError, InputError } from "../core/errors.ts";
import { u64Field, uintField } from "../core/json.ts";
import { readAnswer } from "./answer.ts";
import { type LoggedEvent, readLoggedEvent, requireNext } from "./logged-event.ts";
import { backOff, jitter, pause, Transient } from "./retry.ts";
import { readServerEvents } from "./server-events.ts";
import { jsonOf, type Transport } from "./transport.ts";

/** Where a stream stands. */
export interface Head {
  /** Of the last event; 0 for an empty stream. */
  readonly sequence: bigint;
  /** Events under the newest checkpoint. */
  readonly checkpointSize: bigint | undefined;
}

/** Which events. */
export interface EventRange {
  /** The first wanted, from 1, and the last. */
  readonly from?: bigint;
  readonly to?: bigint;
  /** How many are read at a time, up to 1,000. */
  readonly page?: number;
  readonly signal?: AbortSignal;
}

export interface TailOptions {
  /** The first sequence number wanted; 1 without it. */
  readonly from?: bigint;
  readonly signal?: AbortSignal;
  /** After so many milliseconds without a byte the connection counts as dead. */
  readonly idle?: number;
}

const NUMBER = z.union([u64Field, uintField(Number.MAX_SAFE_INTEGER).transform(BigInt)]);
const HEAD = z.looseObject({ sequence_number: NUMBER, checkpoint_size: NUMBER.nullish() });
const PAGE = z.looseObject({ events: z.array(z.unknown()), next: NUMBER.nullish() });
const PAGE_LENGTH = 500;
const IDLE = 90_000;

/** Reads a stream's events. */
export class EventReader {
  readonly #transport: Transport;
  readonly #path: string;

  constructor(transport: Transport, path: string) {
    this.#transport = transport;
    this.#path = path;
  }

  async head(signal?: AbortSignal): Promise<Head> {
    const head = readAnswer(HEAD, await this.#transport.json(`${this.#path}/head`, { signal }), "head");
    return { sequence: head.sequence_number, checkpointSize: head.checkpoint_size ?? undefined };
  }

  /** Event number `sequence`. @throws SequencerRefusal `not-found` when there is none yet. */
  async event(sequence: bigint, signal?: AbortSignal): Promise<LoggedEvent> {
    const event = readLoggedEvent(
      await this.#transport.json(`${this.#path}/events/${sequence}`, { signal }),
      "event",
    );
    if (event.sequence !== sequence)
      throw new CheckError(`event ${sequence} was asked for, ${event.sequence} came`);
    return event;
  }

  /** The event with an id. @throws SequencerRefusal `not-found` when the stream has none. */
  async eventById(id: string, signal?: AbortSignal): Promise<LoggedEvent> {
    const answer = await this.#transport.json(`${this.#path}/events/by-id/${encodeURIComponent(id)}`, {
      signal,
    });
    const event = readLoggedEvent(answer, "event");
    if (event.event.eventId !== id)
      throw new CheckError(`event ${id} was asked for, ${event.event.eventId} came`);
    return event;
  }

  /**
   * The events from `from` up to `to`, or to where the stream ends when it gets there.
   *
   * @throws CheckError when the sequencer leaves one out.
   */
  events(range: EventRange = {}): AsyncGenerator<LoggedEvent> {
    return this.#pages("events", ({ sequence }) => sequence, range);
  }

  /**
   * The events of one entity; `from` and `to` are its versions, from 1. How many there are is the `baseVersion` of the next.
   *
   * @throws CheckError when the sequencer leaves one out, or hands out another entity's.
   */
  entityEvents(type: string, id: string, range: EventRange = {}): AsyncGenerator<LoggedEvent> {
    const path = `entities/${encodeURIComponent(type)}/${encodeURIComponent(id)}/events`;
    const versionOf = ({ event, entityVersion }: LoggedEvent): bigint | undefined =>
      event.entityType === type && event.entityId === id ? entityVersion : undefined;
    return this.#pages(path, versionOf, range);
  }

  async *#pages(
    path: string,
    placeOf: (event: LoggedEvent) => bigint | undefined,
    { from = 1n, to, page = PAGE_LENGTH, signal }: EventRange,
  ): AsyncGenerator<LoggedEvent> {
    requireFrom(from);
    for (let next = from; to === undefined || next <= to; ) {
      const resource = `${this.#path}/${path}?from=${next}&limit=${page}`;
      const { events, next: following } = readAnswer(
        PAGE,
        await this.#transport.json(resource, { signal }),
        "events",
      );
      for (const [i, json] of events.entries()) {
        const event = readLoggedEvent(json, `events[${i}]`);
        requireNext(placeOf(event), next);
        if (to !== undefined && next > to) return;
        yield event;
        next += 1n;
      }
      if (events.length === 0 || following === null) return;
    }
  }

  /**
   * Every event from `from` on, also those that are still to come, each once and in order. After a cut it goes on where it
   * was; it ends when the signal is aborted, and with an error after as many vain tries as the retry policy has.
   *
   * @throws CheckError when the sequencer leaves one out; SequencerRefusal; UnavailableError; the signal's reason.
   */
  async *tail({ from = 1n, signal, idle = IDLE }: TailOptions = {}): AsyncGenerator<LoggedEvent> {
    requireFrom(from);
    const { retry } = this.#transport;
    let next = from;
    let failures = 0;
    while (true) {
      signal?.throwIfAborted();
      const began = Date.now();
      try {
        for await (const { id, data } of this.#connect(next, idle, signal)) {
          const event = readLoggedEvent(jsonOf(data), "event");
          if (id !== undefined && id !== String(event.sequence))
            throw new CheckError(`event ${event.sequence} has id ${id}`);
          if (event.sequence < next) continue;
          requireNext(event.sequence, next);
          failures = 0;
          yield event;
          next += 1n;
        }
        // The server ended it: it restarts, or has somebody else to serve.
        await pause(jitter(retry, 1), signal);
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof Transient)) throw error;
        // A connection that was good for a while, and then quiet or cut, is no vain try.
        failures = Date.now() - began >= idle / 2 ? 1 : failures + 1;
        await backOff(retry, error, failures, signal);
      }
    }
  }

  async *#connect(next: bigint, idle: number, signal: AbortSignal | undefined) {
    const silence = new AbortController();
    const stop = signal === undefined ? silence.signal : AbortSignal.any([silence.signal, signal]);
    const headers = next > 1n ? { "last-event-id": String(next - 1n) } : {};
    let timer = setTimeout(() => silence.abort(), this.#transport.retry.timeout);
    const heard = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), idle);
    };
    try {
      const call = { accept: "text/event-stream", headers, signal };
      const answer = await this.#transport.open(`${this.#path}/events/stream?from=${next}`, call, stop);
      heard();
      yield* readServerEvents(answer, heard);
    } finally {
      clearTimeout(timer);
      silence.abort();
    }
  }
}

function requireFrom(from: bigint): void {
  if (from < 1n) throw InputError.expected("from", "1 or more", from);
}
