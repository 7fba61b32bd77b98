import { z } from "zod";
import { CheckError, ProofXError, UnavailableError } from "../core/errors.ts";
import { u64Field, uintField } from "../core/json.ts";
import type { VesEvent } from "../core/log/event.ts";
import { eventToJson } from "../core/log/json.ts";
import { parseReceipt, type Receipt, verifyReceipt } from "../core/log/receipt.ts";
import { ofAnswer, readAnswer } from "./answer.ts";
import type { KeyBook } from "./published-keys.ts";
import { SequencerRefusal } from "./refusal.ts";
import { Transient, withRetries } from "./retry.ts";
import { jsonOf, problemOf, type Transport } from "./transport.ts";

/** An event's place in the log, on the word of a receipt that was checked. */
export interface Sent {
  readonly receipt: Receipt;
  readonly sequence: bigint;
  /** How many events of its entity the stream has, this one included; undefined when the sequencer does not say. */
  readonly entityVersion: bigint | undefined;
  /** Whether the log had this very event already: sent before, and perhaps its answer was lost. */
  readonly duplicate: boolean;
}

/** What became of one of many events. */
export type Outcome =
  | { readonly event: VesEvent; readonly sent: Sent }
  | { readonly event: VesEvent; readonly error: ProofXError };

/** How many events go in one request at most; the sequencer takes 1,000 and 10 MB. */
export interface ChunkLimits {
  readonly events?: number;
  readonly bytes?: number;
}

const CHUNK = { events: 500, bytes: 8_000_000 };
const VERSION = z.union([u64Field, uintField(Number.MAX_SAFE_INTEGER).transform(BigInt)]);
const ACCEPTED = z.looseObject({
  receipt: z.unknown().optional(),
  entity_version: VERSION.optional(),
  duplicate: z.boolean().default(false),
});
const LINE = z.looseObject({
  line: uintField(1000),
  status: uintField(599),
  problem: z.unknown().optional(),
  /** Seconds. */
  retry_after: z.number().nonnegative().optional(),
});

/** Sends events and checks what comes back. */
export class Sender {
  readonly #transport: Transport;
  readonly #keys: KeyBook;
  readonly #path: string;

  /** @param path The stream's resource, `stores/UUID`. */
  constructor(transport: Transport, keys: KeyBook, path: string) {
    this.#transport = transport;
    this.#keys = keys;
    this.#path = path;
  }

  /**
   * Sends an event until the sequencer has answered. It may be called again with the same event at any time, after a crash
   * too: the log has it once.
   *
   * @throws SequencerRefusal; UnavailableError; CheckError when the receipt is not the log's, or not for this event: the
   *   event may be in the log all the same.
   */
  async send(event: VesEvent, signal?: AbortSignal): Promise<Sent> {
    // The same bytes at every try.
    const body = JSON.stringify(eventToJson(event));
    const answer = await this.#transport.call(
      `${this.#path}/events`,
      { method: "POST", body, accept: "application/json", signal },
      jsonOf,
    );
    return this.#accepted(answer, event);
  }

  /**
   * Sends many events in few requests. Refused events do not stop the others; those that the sequencer was too busy for are
   * sent again. Within a request the log orders them as it likes, save those of one entity that name their `baseVersion`.
   *
   * @returns What became of each, in the order given.
   * @throws UnavailableError when a request finds no answer, SequencerRefusal when it is refused as a whole; what was not told
   *   until then may be sent again.
   */
  async *sendMany(
    events: Iterable<VesEvent> | AsyncIterable<VesEvent>,
    limits: ChunkLimits = {},
    signal?: AbortSignal,
  ): AsyncGenerator<Outcome> {
    for await (const chunk of chunksOf(events, { ...CHUNK, ...limits })) {
      yield* await this.#sendChunk(chunk, signal);
    }
  }

  /** The receipt that the log gave for an event that was sent before. */
  async receipt(event: VesEvent, signal?: AbortSignal): Promise<Receipt> {
    const answer = await this.#transport.json(`${this.#path}/receipts/${event.eventId}`, { signal });
    const wrapped = z.object({ receipt: z.unknown().optional() }).safeParse(answer).data?.receipt;
    return this.#checked(wrapped ?? answer, event);
  }

  /** In halves when the whole is larger than this sequencer takes. */
  async #sendChunk(chunk: readonly Line[], signal: AbortSignal | undefined): Promise<Outcome[]> {
    try {
      return await this.#sendLines(chunk, signal);
    } catch (error) {
      if (!(error instanceof SequencerRefusal) || error.status !== 413) throw error;
      if (chunk.length === 1) return chunk.map(({ event }) => ({ event, error }));
      const half = chunk.length >> 1;
      const first = await this.#sendChunk(chunk.slice(0, half), signal);
      return [...first, ...(await this.#sendChunk(chunk.slice(half), signal))];
    }
  }

  async #sendLines(chunk: readonly Line[], signal: AbortSignal | undefined): Promise<Outcome[]> {
    const outcomes: (Outcome | undefined)[] = chunk.map(() => undefined);
    let open = chunk.map((_, i) => i);
    await withRetries(
      this.#transport.retry,
      async () => {
        const body = open.map((i) => `${chunk[i]?.text}\n`).join("");
        const answers = await this.#transport.call(
          `${this.#path}/events/batch`,
          { method: "POST", body, type: "application/x-ndjson", accept: "application/x-ndjson", signal },
          (bytes) => readLines(bytes, open.length),
        );
        const later: number[] = [];
        let why: Transient | undefined;
        for (const [n, i] of open.entries()) {
          const event = chunk[i]?.event;
          if (event === undefined) continue;
          const outcome = await this.#outcome(answers[n], event);
          if (outcome instanceof Transient) {
            why = outcome;
            later.push(i);
          } else outcomes[i] = outcome;
        }
        open = later;
        if (why !== undefined) throw why;
      },
      signal,
    ).catch((error: unknown) => {
      // Some of the chunk have their answer: they are told, and the rest are told why they have none.
      if (!(error instanceof UnavailableError) || open.length === chunk.length) throw error;
      for (const i of open) {
        const event = chunk[i]?.event;
        if (event !== undefined) outcomes[i] = { event, error };
      }
    });
    return outcomes.filter((each) => each !== undefined);
  }

  async #outcome(line: z.output<typeof LINE> | undefined, event: VesEvent): Promise<Outcome | Transient> {
    if (line === undefined) return new Transient("the sequencer's answer broke off");
    try {
      if (line.status < 300) return { event, sent: await this.#accepted(line, event) };
      const wait = line.retry_after === undefined ? undefined : line.retry_after * 1000;
      const problem = problemOf(line.status, line.problem, wait);
      return problem instanceof Transient ? problem : { event, error: problem };
    } catch (error) {
      if (error instanceof ProofXError) return { event, error };
      throw error;
    }
  }

  async #accepted(answer: unknown, event: VesEvent): Promise<Sent> {
    const { receipt: json, entity_version, duplicate } = readAnswer(ACCEPTED, answer, "answer");
    const receipt = await this.#checked(json, event);
    return { receipt, sequence: receipt.sequence, entityVersion: entity_version, duplicate };
  }

  async #checked(json: unknown, event: VesEvent): Promise<Receipt> {
    const receipt = ofAnswer(() => parseReceipt(json, "receipt"));
    verifyReceipt(receipt, event, await this.#keys.receiptKeys(receipt.receiptKeyId));
    return receipt;
  }
}

interface Line {
  readonly event: VesEvent;
  readonly text: string;
}

async function* chunksOf(
  events: Iterable<VesEvent> | AsyncIterable<VesEvent>,
  limits: Required<ChunkLimits>,
): AsyncGenerator<Line[]> {
  let chunk: Line[] = [];
  let size = 0;
  for await (const event of events) {
    const text = JSON.stringify(eventToJson(event));
    const bytes = new TextEncoder().encode(text).length + 1;
    if (chunk.length >= limits.events || (chunk.length > 0 && size + bytes > limits.bytes)) {
      yield chunk;
      [chunk, size] = [[], 0];
    }
    chunk.push({ event, text });
    size += bytes;
  }
  if (chunk.length > 0) yield chunk;
}

/** The answer's lines by their number less one; a line that did not come is undefined. */
function readLines(body: Uint8Array, sent: number): (z.output<typeof LINE> | undefined)[] {
  const lines: (z.output<typeof LINE> | undefined)[] = new Array(sent).fill(undefined);
  for (const text of new TextDecoder().decode(body).split("\n")) {
    if (text.trim() === "") continue;
    const read = readAnswer(LINE, jsonOf(text), "answer");
    const place = read.line - 1;
    if (place < 0 || place >= sent || lines[place] !== undefined) {
      throw new CheckError(`the sequencer answers about line ${read.line} of ${sent}, or about one twice`);
    }
    lines[place] = read;
  }
  return lines;
}
