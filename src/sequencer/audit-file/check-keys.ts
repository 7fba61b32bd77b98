import { z } from "zod";
import { equalBytes } from "../../core/bytes.ts";
import { CheckError, InputError } from "../../core/errors.ts";
import { hexField, readJson, uintField, uuidField } from "../../core/json.ts";
import {
  type SequencedEvent,
  SIGNATURE_TYPE,
  type VerifierKey,
  verifyAgentKeyProof,
  verifyEvent,
} from "../../core/log/index.ts";

const U32_MAX = 2 ** 32 - 1;
const keyId = uintField(U32_MAX);
const publicKey = hexField(32);

const opened = z.looseObject({
  registrar: z.looseObject({ agent_id: uuidField, key_id: keyId, public_key: publicKey }),
  receipt_key: z.looseObject({ key_id: keyId, public_key: publicKey }),
  checkpoint_key: z.looseObject({ origin: z.string({ error: "a log's origin" }), public_key: publicKey }),
});
const registered = z.looseObject({
  agent_id: uuidField,
  key_id: keyId,
  public_key: publicKey,
  proof: hexField(64),
});
const revoked = z.looseObject({ agent_id: uuidField, key_id: keyId });
const serviceRotated = z.looseObject({
  purpose: z.enum(["registrar", "receipt", "checkpoint"], { error: "registrar, receipt or checkpoint" }),
  key_id: keyId,
  public_key: publicKey,
});

interface KnownKey {
  readonly publicKey: Uint8Array;
  /** Sequence number of the event that registered it. */
  readonly from: bigint;
  /** Sequence number of the event that revoked it. */
  until?: bigint;
}

/**
 * Whose keys sign what in one stream, as its registrar's events say. They are taken in the order of the log, each only when it is
 * signed by a registrar key that was known before it; the first names the registrar itself.
 */
export class StreamKeys {
  readonly #agents = new Map<string, KnownKey>();
  readonly #registrar = new Map<number, Uint8Array>();
  readonly #receipt = new Map<number, Uint8Array>();
  #registrarId: string | undefined;
  readonly #checkpoint: VerifierKey[] = [];

  /** Receipt keys by id. */
  get receiptKeys(): ReadonlyMap<number, Uint8Array> {
    return this.#receipt;
  }

  /** The keys that the log says sign its checkpoints: around a rotation an older one may have signed. */
  get checkpointKeys(): readonly VerifierKey[] {
    return this.#checkpoint;
  }

  /** Takes one event of the registrar. @throws CheckError when it is not the registrar's; InputError for another payload. */
  take({ sequence, event }: SequencedEvent): void {
    if (event.payloadKind !== 0) throw new CheckError("it is encrypted: it says nothing about keys");
    const { payload } = event;
    if (this.#registrarId === undefined) this.#open(sequence, event.eventType, payload);
    const key = this.#registrar.get(event.agentKeyId);
    if (event.sourceAgentId !== this.#registrarId || key === undefined)
      throw new CheckError("it is not by the stream's registrar");
    verifyEvent(event, key);
    const { tenantId, storeId } = event;
    if (event.eventType === "proofx.key.registered" || event.eventType === "proofx.key.rotated")
      this.#register(sequence, payload, { tenantId, storeId });
    else if (event.eventType === "proofx.key.revoked") this.#revoke(sequence, payload);
    else if (event.eventType === "proofx.service-key.rotated") this.#rotate(payload);
    else if (event.eventType !== "proofx.stream.opened" || sequence !== 1n)
      throw InputError.expected("event_type", "one that is about keys", event.eventType);
  }

  /**
   * The key that signed an event, valid at its place.
   *
   * @throws CheckError when it is not registered before, or revoked before.
   */
  keyOf({ sequence, event: { sourceAgentId, agentKeyId } }: SequencedEvent): Uint8Array {
    const name = `key ${agentKeyId} of agent ${sourceAgentId}`;
    if (sourceAgentId === this.#registrarId) {
      const own = this.#registrar.get(agentKeyId);
      if (own === undefined) throw new CheckError(`${name}, the registrar, is not in the file`);
      return own;
    }
    const known = this.#agents.get(`${sourceAgentId}/${agentKeyId}`);
    if (known === undefined || known.from >= sequence)
      throw new CheckError(`no event before it registers ${name}`);
    if (known.until !== undefined && known.until <= sequence)
      throw new CheckError(`${name} was revoked before it, at sequence ${known.until}`);
    return known.publicKey;
  }

  #open(sequence: bigint, type: string, payload: unknown): void {
    if (sequence !== 1n || type !== "proofx.stream.opened")
      throw InputError.expected(
        "the first of them",
        "the stream's opening, sequence 1",
        `${type}, ${sequence}`,
      );
    const { registrar, receipt_key, checkpoint_key } = readJson(opened, payload, "payload");
    this.#registrarId = registrar.agent_id;
    this.#registrar.set(registrar.key_id, registrar.public_key);
    this.#receipt.set(receipt_key.key_id, receipt_key.public_key);
    this.#checkpoint.push({
      name: checkpoint_key.origin,
      type: SIGNATURE_TYPE.note,
      publicKey: checkpoint_key.public_key,
    });
  }

  #register(sequence: bigint, payload: unknown, stream: { tenantId: string; storeId: string }): void {
    const read = readJson(registered, payload, "payload");
    const statement = { ...stream, agentId: read.agent_id, keyId: read.key_id, publicKey: read.public_key };
    verifyAgentKeyProof(statement, read.proof);
    const place = `${read.agent_id}/${read.key_id}`;
    const before = this.#agents.get(place);
    if (before !== undefined && !equalBytes(before.publicKey, read.public_key))
      throw new CheckError(`key ${read.key_id} of agent ${read.agent_id} is registered twice`);
    this.#agents.set(place, { publicKey: read.public_key, from: sequence });
  }

  #revoke(sequence: bigint, payload: unknown): void {
    const read = readJson(revoked, payload, "payload");
    const known = this.#agents.get(`${read.agent_id}/${read.key_id}`);
    if (known !== undefined) known.until ??= sequence;
  }

  #rotate(payload: unknown): void {
    const { purpose, key_id, public_key } = readJson(serviceRotated, payload, "payload");
    if (purpose === "registrar") this.#registrar.set(key_id, public_key);
    else if (purpose === "receipt") this.#receipt.set(key_id, public_key);
    else
      for (const { name } of this.#checkpoint.slice(0, 1))
        this.#checkpoint.push({ name, type: SIGNATURE_TYPE.note, publicKey: public_key });
  }
}
