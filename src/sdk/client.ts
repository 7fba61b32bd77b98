import { InputError } from "../core/errors.ts";
import type { Checkpoint, OpenedCheckpoint } from "../core/log/checkpoint.ts";
import type { VesEvent } from "../core/log/event.ts";
import type { LeafContent } from "../core/log/leaf.ts";
import type { Receipt } from "../core/log/receipt.ts";
import { isUuid, UUID_FORM } from "../core/uuid.ts";
import { type Replacement, registerAgentKey } from "./agent-keys.ts";
import { BatchReader, type ClosedRange } from "./batches.ts";
import { type Agent, buildFromDraft, type EventDraft } from "./draft.ts";
import { type EventRange, EventReader, type Head, type TailOptions } from "./events.ts";
import type { LoggedEvent } from "./logged-event.ts";
import { type Inclusion, ProofReader } from "./proofs.ts";
import { KeyBook, type LogKeys } from "./published-keys.ts";
import { type ChunkLimits, type Outcome, Sender, type Sent } from "./send.ts";
import { Transport, type TransportOptions } from "./transport.ts";

export interface ClientOptions extends TransportOptions {
  /** UUIDs; they name the stream. The credential must be the tenant's. */
  readonly tenant: string;
  readonly store: string;
  /** Who sends; reading and checking need none. */
  readonly agent?: Agent;
  /** Receipt keys by id, 32 bytes each, from a source other than the sequencer; published ones are used without them. */
  readonly receiptKeys?: ReadonlyMap<number, Uint8Array>;
  /** The same for checkpoints. */
  readonly checkpointKeys?: readonly Uint8Array[];
}

/** One stream of one sequencer, as an agent or a reader sees it. */
export interface Client {
  /** Builds, seals when it has readers, and signs an event; nothing is sent. Keep it until its receipt is there. */
  build(draft: EventDraft): Promise<VesEvent>;
  /** Sends an event until it has its receipt, which is checked. Sent twice, it is in the log once. */
  send(event: VesEvent, signal?: AbortSignal): Promise<Sent>;
  /** Sends many in few requests, and tells of each in the order given. The log may order them otherwise. */
  sendMany(
    events: Iterable<VesEvent> | AsyncIterable<VesEvent>,
    limits?: ChunkLimits,
    signal?: AbortSignal,
  ): AsyncGenerator<Outcome>;
  /** The receipt of an event that was sent before, checked. */
  receipt(event: VesEvent, signal?: AbortSignal): Promise<Receipt>;
  /** Opens the stream, with a credential that may; an open one stays as it is. */
  openStream(signal?: AbortSignal): Promise<void>;
  /** Registers the agent's key in this stream, with a credential that may; done already, it does nothing. */
  registerKey(replacement?: Replacement, signal?: AbortSignal): Promise<void>;
  head(signal?: AbortSignal): Promise<Head>;
  event(sequence: bigint, signal?: AbortSignal): Promise<LoggedEvent>;
  eventById(id: string, signal?: AbortSignal): Promise<LoggedEvent>;
  /** The events there are, in order and without a gap. */
  events(range?: EventRange): AsyncGenerator<LoggedEvent>;
  /** The events of one entity, by its versions: how many there are is the `baseVersion` of its next. */
  entityEvents(type: string, id: string, range?: EventRange): AsyncGenerator<LoggedEvent>;
  /** The events there are and those to come, through cuts and restarts. */
  tail(options?: TailOptions): AsyncGenerator<LoggedEvent>;
  /** The batches that the stream was closed into, from an index on, and what became of them on chains. */
  batches(from?: bigint, signal?: AbortSignal): AsyncGenerator<ClosedRange>;
  /** The newest signed head, checked; with `since`, also that it continues that one. */
  checkpoint(since?: Checkpoint, signal?: AbortSignal): Promise<OpenedCheckpoint>;
  /** That an event is under the newest signed head, checked. */
  inclusion(event: LeafContent, signal?: AbortSignal): Promise<Inclusion>;
  /** The log's keys as it publishes them now: what to pin. */
  publishedKeys(): Promise<LogKeys>;
}

/**
 * Opens the way to one stream of a sequencer; nothing is sent yet.
 *
 * @throws InputError for an option of another form; RefusedError for http to another machine.
 */
export function createClient(options: ClientOptions): Client {
  const { tenant, store, agent, receiptKeys, checkpointKeys } = options;
  for (const [name, id] of Object.entries({ tenant, store, ...(agent && { "agent.id": agent.id }) })) {
    if (!isUuid(id)) throw InputError.expected(name, UUID_FORM, id);
  }
  const stream = { tenant, store };
  const transport = new Transport(options);
  const keys = new KeyBook(transport, {
    ...(receiptKeys === undefined ? {} : { receipt: receiptKeys }),
    ...(checkpointKeys === undefined ? {} : { checkpoint: checkpointKeys }),
  });
  const path = `stores/${store}`;
  const sender = new Sender(transport, keys, path);
  const reader = new EventReader(transport, path);
  const batches = new BatchReader(transport, path);
  const proofs = new ProofReader(transport, keys, stream);
  const sending = (): Agent => {
    if (agent === undefined) throw InputError.expected("agent", "an id, a key id and a signer", undefined);
    return agent;
  };
  return {
    build: async (draft) => buildFromDraft(draft, stream, sending()),
    send: (event, signal) => sender.send(ofStream(event, stream), signal),
    sendMany: (events, limits, signal) => sender.sendMany(allOfStream(events, stream), limits, signal),
    receipt: (event, signal) => sender.receipt(ofStream(event, stream), signal),
    openStream: (signal) =>
      transport.call(
        path,
        { method: "POST", body: "{}", accept: "application/json", signal },
        () => undefined,
      ),
    registerKey: async (replacement, signal) =>
      registerAgentKey(transport, stream, sending(), replacement, signal),
    head: (signal) => reader.head(signal),
    event: (sequence, signal) => reader.event(sequence, signal),
    eventById: (id, signal) => reader.eventById(id, signal),
    entityEvents: (type, id, range) => reader.entityEvents(type, id, range),
    events: (range) => reader.events(range),
    tail: (tail) => reader.tail(tail),
    batches: (from, signal) => batches.batches(from, signal),
    checkpoint: (since, signal) => proofs.checkpoint(since, signal),
    inclusion: (event, signal) => proofs.inclusion(event, signal),
    publishedKeys: () => keys.refresh(),
  };
}

interface Stream {
  readonly tenant: string;
  readonly store: string;
}

function ofStream(event: VesEvent, { tenant, store }: Stream): VesEvent {
  if (event.tenantId !== tenant) throw InputError.expected("tenant_id", tenant, event.tenantId);
  if (event.storeId !== store) throw InputError.expected("store_id", store, event.storeId);
  return event;
}

async function* allOfStream(
  events: Iterable<VesEvent> | AsyncIterable<VesEvent>,
  stream: Stream,
): AsyncGenerator<VesEvent> {
  for await (const event of events) yield ofStream(event, stream);
}
