import { z } from "zod";
import {
  type AleoSignatures,
  BINDINGS_ENTITY,
  BindingBook,
  type BindingPlace,
  type BindingVerdict,
  bindingsEntityId,
} from "../../core/aleo/index.ts";
import { CheckError, ProofXError } from "../../core/errors.ts";
import { hexField, readJson, uintField, uuidField } from "../../core/json.ts";
import type { Json } from "../../core/json-value.ts";
import { type Receipt, type VesEvent, verifyAgentKeyProof, verifyReceipt } from "../../core/log/index.ts";

/** An event as a log hands it out; the payload of one that is missing cannot be read any more. */
export type LogEntry = { readonly sequence: bigint; readonly receipt: Receipt | undefined } & (
  | { readonly missing?: undefined; readonly event: VesEvent }
  | { readonly missing: "erased" | "archived" }
);

/** One stream of the log, to be read. The SDK's client is one. */
export interface BridgeLogReader {
  /** The events of one entity in their order, without a gap. */
  entityEvents(type: string, id: string): AsyncIterable<LogEntry>;
  /** The keys that receipts are checked with. */
  publishedKeys(): Promise<{ readonly receipt: ReadonlyMap<number, Uint8Array> }>;
}

/** What an event says; the writer adds who says it. */
export interface BridgeDraft {
  readonly entityType: string;
  readonly entityId: string;
  readonly eventType: string;
  readonly payload: Json;
  readonly commandId?: string;
  readonly baseVersion?: bigint;
}

/** One stream of the log, as one of its agents writes to it. The SDK's client is one. */
export interface BridgeLog extends BridgeLogReader {
  build(draft: BridgeDraft): Promise<VesEvent>;
  /** Until the event has its receipt. */
  send(event: VesEvent): Promise<{ readonly sequence: bigint }>;
}

/** Who is bound, and what became of every event that said so. */
export interface Bindings {
  readonly book: BindingBook;
  readonly verdicts: readonly BindingVerdict[];
}

const KEY_ENTITY = "proofx.key";
const registered = z.looseObject({
  agent_id: uuidField,
  key_id: uintField(2 ** 32 - 1),
  public_key: hexField(32),
  proof: hexField(64),
});

/**
 * Reads the bindings of a stream to one registry, and checks each: receipt, the agent's registered key, both signatures.
 *
 * Which keys are registered, and that no event of the entity is left out, is believed of the sequencer here; an audit file or
 * `log verify` proves it.
 *
 * @throws CheckError when an event's receipt does not hold: then the sequencer itself is at fault.
 */
export async function readBindings(
  log: BridgeLogReader,
  place: BindingPlace,
  signatures: AleoSignatures,
): Promise<Bindings> {
  const { receipt: receiptKeys } = await log.publishedKeys();
  const keys = new RegisteredKeys(log);
  const book = new BindingBook(place, signatures);
  const verdicts: BindingVerdict[] = [];
  for await (const entry of log.entityEvents(BINDINGS_ENTITY, bindingsEntityId(place))) {
    const { sequence, receipt } = entry;
    if (entry.missing !== undefined) {
      verdicts.push(book.pass(sequence, `its payload is ${entry.missing}`));
      continue;
    }
    const { event } = entry;
    if (receipt === undefined) throw new CheckError(`event ${sequence} of the log came without its receipt`);
    verifyReceipt(receipt, event, receiptKeys);
    if (receipt.sequence !== sequence)
      throw new CheckError(`event ${sequence} has the receipt of another place`);
    const agentKey = await keys.at(event, sequence);
    verdicts.push(book.take({ sequence, sequencedAt: receipt.sequencedAt, event, agentKey }));
  }
  return { book, verdicts };
}

interface KeyTime {
  readonly publicKey: Uint8Array;
  readonly from: bigint;
  readonly revokedAt: bigint | undefined;
}

/** Agents' keys as the registrar's events in the stream tell them. */
class RegisteredKeys {
  readonly #log: BridgeLogReader;
  readonly #known = new Map<string, Promise<KeyTime | undefined>>();

  constructor(log: BridgeLogReader) {
    this.#log = log;
  }

  /** The key that signs an event at its place; undefined when none was registered and in use there. */
  async at(event: VesEvent, sequence: bigint): Promise<Uint8Array | undefined> {
    const name = `${event.sourceAgentId}/${event.agentKeyId}`;
    let reading = this.#known.get(name);
    if (reading === undefined) {
      reading = this.#read(name, event);
      this.#known.set(name, reading);
    }
    const key = await reading;
    if (key === undefined || key.from >= sequence) return undefined;
    return key.revokedAt !== undefined && key.revokedAt <= sequence ? undefined : key.publicKey;
  }

  async #read(name: string, { tenantId, storeId, sourceAgentId }: VesEvent): Promise<KeyTime | undefined> {
    let key: KeyTime | undefined;
    for await (const entry of this.#log.entityEvents(KEY_ENTITY, name)) {
      if (entry.missing !== undefined || entry.event.payloadKind !== 0)
        throw new CheckError(`event ${entry.sequence} about key ${name} cannot be read`);
      const { eventType, payload } = entry.event;
      if (eventType === "proofx.key.revoked" && key !== undefined) {
        key = { ...key, revokedAt: key.revokedAt ?? entry.sequence };
      } else if (key === undefined) {
        const { agent_id, key_id, public_key, proof } = readJson(registered, payload, "payload");
        if (`${agent_id}/${key_id}` !== name || agent_id !== sourceAgentId)
          throw new CheckError(`event ${entry.sequence} is about key ${agent_id}/${key_id}, not ${name}`);
        const statement = { tenantId, storeId, agentId: agent_id, keyId: key_id, publicKey: public_key };
        verifyAgentKeyProof(statement, proof);
        key = { publicKey: public_key, from: entry.sequence, revokedAt: undefined };
      }
    }
    return key;
  }
}

/** The code of a sequencer's refusal, e.g. `command-conflict`; undefined for any other error. */
export function refusalCode(error: unknown): string | undefined {
  return error instanceof ProofXError && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
}
