import { equalBytes, toHex } from "../bytes.ts";
import { CheckError, InputError, ProofXError } from "../errors.ts";
import type { VesEvent } from "../log/event.ts";
import { verifyEvent } from "../log/verify.ts";
import { type AleoBinding, type BindingPlace, bindingHash, parseBinding, verifyBinding } from "./binding.ts";
import { ALEO_EVENTS, BINDINGS_ENTITY, bindingsEntityId } from "./events.ts";
import type { AleoSignatures } from "./ports.ts";
import { parseUnbinding, unbindingHash } from "./unbinding.ts";

/** An event of the log about a binding, with what the log says of it. */
export interface BindingEvent {
  /** From 1. */
  readonly sequence: bigint;
  /** When the log took it, by its receipt: milliseconds since the epoch. */
  readonly sequencedAt: bigint;
  readonly event: VesEvent;
  /** The Ed25519 key, 32 bytes, that the event's agent had registered under the event's key id at its place. */
  readonly agentKey: Uint8Array | undefined;
}

/** A binding that was taken, and where. */
export interface RecordedBinding {
  readonly binding: AleoBinding;
  /** `bindingHash`, 32 bytes. */
  readonly hash: Uint8Array;
  readonly sequence: bigint;
}

/** What the book makes of an event: anybody who may write events can write one that does not count. */
export type BindingVerdict =
  | { readonly kind: "bound" | "unbound"; readonly sequence: bigint; readonly record: RecordedBinding }
  | { readonly kind: "refused"; readonly sequence: bigint; readonly reason: string };

/**
 * Who is bound to whom in one stream, for one registry: the stream's events about it, taken in their order.
 *
 * An agent has one address and an address one agent, until the binding is unbound or expires. Every binding of an agent has a
 * greater nonce than the ones before, so a statement counts once.
 */
export class BindingBook {
  readonly #place: BindingPlace;
  readonly #signatures: AleoSignatures;
  readonly #byAgent = new Map<string, RecordedBinding>();
  readonly #byAddress = new Map<string, RecordedBinding>();
  readonly #nonces = new Map<string, bigint>();
  #version = 0n;
  /** The latest time that the log told: a clock that went back brings no expired binding to life. */
  #clock = 0n;

  constructor(place: BindingPlace, signatures: AleoSignatures) {
    this.#place = place;
    this.#signatures = signatures;
  }

  /** How many events were taken, good and bad: the `baseVersion` of the next. */
  get version(): bigint {
    return this.#version;
  }

  /** The greatest nonce of an agent's bindings; 0 before the first. */
  lastNonce(agentId: string): bigint {
    return this.#nonces.get(agentId) ?? 0n;
  }

  /** An agent's binding that counts at a time (milliseconds since the epoch). */
  ofAgent(agentId: string, at: bigint): RecordedBinding | undefined {
    return this.#live(this.#byAgent.get(agentId), at);
  }

  /** The binding of an address that counts at a time (milliseconds since the epoch). */
  ofAddress(address: string, at: bigint): RecordedBinding | undefined {
    return this.#live(this.#byAddress.get(address), at);
  }

  /** All bindings that count at a time (milliseconds since the epoch), in the order of the log. */
  bindings(at: bigint): RecordedBinding[] {
    return [...this.#byAgent.values()]
      .filter((record) => this.#live(record, at) !== undefined)
      .sort((a, b) => Number(a.sequence - b.sequence));
  }

  /** Takes the next event of the book's entity. Never throws for what an event says: that is a verdict. */
  take(entry: BindingEvent): BindingVerdict {
    const { sequence, event } = entry;
    this.#version += 1n;
    this.#clock = this.#later(entry.sequencedAt);
    try {
      this.#requireOwn(entry);
      if (event.payloadKind !== 0) throw new CheckError("its payload is encrypted");
      if (event.eventType === ALEO_EVENTS.bound)
        return { kind: "bound", sequence, record: this.#bind(entry, parseBinding(event.payload, "payload")) };
      if (event.eventType === ALEO_EVENTS.unbound)
        return { kind: "unbound", sequence, record: this.#unbind(entry, event.payload) };
      throw new CheckError(`${event.eventType} is no type of a binding's event`);
    } catch (error) {
      if (!(error instanceof ProofXError)) throw error;
      return { kind: "refused", sequence, reason: error.message };
    }
  }

  /** Passes over an event of the book's entity that nobody can read any more: it counts for nothing but its place. */
  pass(sequence: bigint, reason: string): BindingVerdict {
    this.#version += 1n;
    return { kind: "refused", sequence, reason };
  }

  /**
   * What would be said of a binding, were it recorded next.
   *
   * @param at Milliseconds since the epoch.
   * @throws CheckError naming the rule that it breaks; signatures are not looked at.
   */
  requireFree(binding: Omit<AleoBinding, "agentSignature" | "aleoSignature">, at: bigint): void {
    const { agentId, aleoAddress, nonce, expiry } = binding;
    this.#requirePlace(binding);
    if (isOver(expiry, this.#later(at))) throw new CheckError(`it expired at ${instant(expiry)}`);
    const last = this.lastNonce(agentId);
    if (nonce <= last) throw new CheckError(`nonce ${nonce} was used: the agent's last is ${last}`);
    const bound = this.ofAgent(agentId, at);
    if (bound !== undefined)
      throw new CheckError(`agent ${agentId} is bound to ${bound.binding.aleoAddress} and was not unbound`);
    const other = this.ofAddress(aleoAddress, at);
    if (other !== undefined)
      throw new CheckError(`${aleoAddress} is bound to agent ${other.binding.agentId}`);
  }

  #bind(entry: BindingEvent, binding: AleoBinding): RecordedBinding {
    const { event, agentKey, sequence, sequencedAt } = entry;
    if (binding.agentId !== event.sourceAgentId)
      throw new CheckError(`agent ${event.sourceAgentId} sent it, and it is about ${binding.agentId}`);
    if (binding.agentKeyId !== event.agentKeyId)
      throw new CheckError(
        `key ${event.agentKeyId} signed the event, and key ${binding.agentKeyId} the binding`,
      );
    if (agentKey === undefined) throw new CheckError("the agent's key is not registered");
    this.requireFree(binding, sequencedAt);
    verifyBinding(binding, agentKey, this.#signatures);
    const record = { binding, hash: bindingHash(binding), sequence };
    this.#byAgent.set(binding.agentId, record);
    this.#byAddress.set(binding.aleoAddress, record);
    this.#nonces.set(binding.agentId, binding.nonce);
    return record;
  }

  #unbind({ event, sequencedAt }: BindingEvent, payload: unknown): RecordedBinding {
    const unbinding = parseUnbinding(payload, "payload");
    this.#requirePlace(unbinding);
    const record = this.ofAgent(unbinding.agentId, sequencedAt);
    if (record === undefined) throw new CheckError(`agent ${unbinding.agentId} is not bound`);
    if (
      !equalBytes(record.hash, unbinding.bindingHash) ||
      record.binding.aleoAddress !== unbinding.aleoAddress
    ) {
      throw new CheckError(`agent ${unbinding.agentId} has another binding, ${toHex(record.hash)}`);
    }
    const { aleoSignature, aleoAddress } = unbinding;
    const said =
      aleoSignature === undefined
        ? event.sourceAgentId === unbinding.agentId
        : this.#signatures.verify(aleoAddress, unbindingHash(record.hash), aleoSignature);
    if (!said) throw new CheckError("neither the agent nor the Aleo account said so");
    this.#byAgent.delete(unbinding.agentId);
    this.#byAddress.delete(aleoAddress);
    return record;
  }

  #live(record: RecordedBinding | undefined, at: bigint): RecordedBinding | undefined {
    return record === undefined || isOver(record.binding.expiry, this.#later(at)) ? undefined : record;
  }

  #later(at: bigint): bigint {
    return at > this.#clock ? at : this.#clock;
  }

  /** That the event is of this entity, and signed by who it says. */
  #requireOwn({ event, agentKey, sequence }: BindingEvent): void {
    const id = bindingsEntityId(this.#place);
    if (event.entityType !== BINDINGS_ENTITY || event.entityId !== id)
      throw InputError.expected(`event ${sequence}`, `one of ${BINDINGS_ENTITY} ${id}`, event.entityId);
    if (agentKey === undefined)
      throw new CheckError(`key ${event.agentKeyId} of agent ${event.sourceAgentId} is not registered there`);
    verifyEvent(event, agentKey);
  }

  #requirePlace({ network, program, streamId }: BindingPlace): void {
    const place = this.#place;
    if (network !== place.network) throw new CheckError(`it is for ${network}, not ${place.network}`);
    if (program !== place.program) throw new CheckError(`it is for ${program}, not ${place.program}`);
    if (!equalBytes(streamId, place.streamId))
      throw new CheckError(`it is for stream ${toHex(streamId)}, another one`);
  }
}

/** The last second counts whole. */
function isOver(expiry: bigint, at: bigint): boolean {
  return at >= (expiry + 1n) * 1000n;
}

function instant(seconds: bigint): string {
  // Beyond what a date can say it is a number.
  return seconds < 253_402_300_800n ? new Date(Number(seconds) * 1000).toISOString() : `${seconds} s`;
}
