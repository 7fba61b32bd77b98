import { verify } from "node:crypto";
import { z } from "zod";
import { equalBytes, toHex } from "../../core/bytes.ts";
import { CheckError } from "../../core/errors.ts";
import { hexField, type Json, readJson, uintField, uuidField } from "../../core/json.ts";
import { agentKeyMessage, SIGNATURE_TYPE, type VerifierKey } from "../../core/log/index.ts";
import { requireSoundKey } from "../agents/public-key.ts";
import type { AgentKeyRow, EventRow, ServiceKeyRow } from "./rows.ts";
import { verifyingKey } from "./signature.ts";

const U32_MAX = 2 ** 32 - 1;

/** Whose keys sign what, as it becomes known along a stream. */
export interface KeyHistory {
  /**
   * Takes an event of the registrar's about keys. Its signature was checked, but for the opening's, which names its own key.
   *
   * @param payload Undefined when it cannot be read.
   * @throws CheckError when it does not follow from what is known.
   */
  take(row: EventRow, payload: Json | undefined): void;
  /** The key an event must be signed with at its place. @throws CheckError when none is valid there. */
  keyOf(row: EventRow): Uint8Array;
  receiptKey(id: number): Uint8Array | undefined;
  readonly checkpointKeys: readonly VerifierKey[];
  readonly registrarId: string | undefined;
  /** What `proofx.agent_keys` must hold at the end; undefined when it is itself what is believed. */
  expectedRows(): ReadonlyMap<string, AgentKeyRow> | undefined;
}

/** Types of the registrar's events that say something about keys. */
export const KEY_EVENTS: ReadonlySet<string> = new Set([
  "proofx.stream.opened",
  "proofx.key.registered",
  "proofx.key.rotated",
  "proofx.key.revoked",
  "proofx.service-key.rotated",
]);

const about = z.looseObject({ agent_id: uuidField, key_id: uintField(U32_MAX) });
const named = { key_id: uintField(U32_MAX), public_key: hexField(32) };
const registered = z.looseObject({ agent_id: uuidField, ...named, proof: hexField(64) });
const PURPOSES = ["registrar", "receipt", "checkpoint"] as const;
const rotated = z.looseObject({ purpose: z.enum(PURPOSES, { error: PURPOSES.join(", ") }), ...named });
const opened = z.looseObject({
  registrar: z.looseObject({ agent_id: uuidField, ...named }),
  receipt_key: z.looseObject(named),
  checkpoint_key: z.looseObject({ origin: z.string({ error: "a log's origin" }), public_key: hexField(32) }),
});

export const keyName = (agent: string, keyId: bigint | number): string => `${agent}/${keyId}`;

/** The history as the stream's own events tell it: nothing else is believed. */
export class ToldKeys implements KeyHistory {
  readonly #rows = new Map<string, AgentKeyRow>();
  readonly #registrar = new Map<number, Uint8Array>();
  readonly #receipt = new Map<number, Uint8Array>();
  readonly checkpointKeys: VerifierKey[] = [];
  registrarId: string | undefined;

  take(row: EventRow, payload: Json | undefined): void {
    if (payload === undefined) throw new CheckError("it cannot be read, so nothing is known of its keys");
    if (row.event_type === "proofx.stream.opened") this.#open(row, payload);
    else if (row.event_type === "proofx.key.revoked") this.#revoke(row, payload);
    else if (row.event_type === "proofx.service-key.rotated") this.#rotate(payload);
    else this.#register(row, payload);
  }

  keyOf({ sequence, source_agent_id: agent, agent_key_id: id }: EventRow): Uint8Array {
    return agent === this.registrarId
      ? ownKey(this.#registrar.get(Number(id)), id)
      : validKey(this.#rows.get(keyName(agent, id)), sequence, agent, id);
  }

  receiptKey(id: number): Uint8Array | undefined {
    return this.#receipt.get(id);
  }

  expectedRows(): ReadonlyMap<string, AgentKeyRow> {
    return this.#rows;
  }

  #open(row: EventRow, payload: Json): void {
    if (row.sequence !== 1n) throw new CheckError("a stream is opened once");
    const { registrar, receipt_key, checkpoint_key } = readJson(opened, payload, "payload");
    if (registrar.agent_id !== row.source_agent_id)
      throw new CheckError("it names another registrar than its agent");
    this.registrarId = registrar.agent_id;
    this.#registrar.set(registrar.key_id, sound(registrar.public_key));
    this.#receipt.set(receipt_key.key_id, sound(receipt_key.public_key));
    const { origin: name, public_key: publicKey } = checkpoint_key;
    this.checkpointKeys.push({ name, type: SIGNATURE_TYPE.note, publicKey });
  }

  #register(row: EventRow, payload: Json): void {
    const { agent_id, key_id, public_key, proof } = readJson(registered, payload, "payload");
    const name = keyName(agent_id, key_id);
    if (row.entity_id !== name) throw new CheckError(`it is about ${row.entity_id} and names ${name}`);
    if (this.#rows.has(name)) throw new CheckError(`key ${key_id} of agent ${agent_id} is registered twice`);
    const statement = { tenantId: row.tenant_id, storeId: row.store_id, agentId: agent_id, keyId: key_id };
    const message = agentKeyMessage({ ...statement, publicKey: sound(public_key) });
    if (!verify(null, message, verifyingKey(public_key), proof))
      throw new CheckError("the proof of possession does not hold");
    this.#rows.set(name, {
      agent_id,
      key_id: BigInt(key_id),
      public_key,
      registered_at: row.sequence,
      revoked_at: null,
    });
  }

  #revoke(row: EventRow, payload: Json): void {
    const { agent_id, key_id } = readJson(about, payload, "payload");
    const name = keyName(agent_id, key_id);
    const known = this.#rows.get(name);
    if (known === undefined || known.revoked_at !== null || row.entity_id !== name)
      throw new CheckError(`key ${key_id} of agent ${agent_id} is not in use`);
    this.#rows.set(name, { ...known, revoked_at: row.sequence });
  }

  #rotate(payload: Json): void {
    const { purpose, key_id, public_key } = readJson(rotated, payload, "payload");
    const [first] = this.checkpointKeys;
    if (purpose === "checkpoint" && first !== undefined)
      this.checkpointKeys.push({ ...first, publicKey: sound(public_key) });
    const keys = purpose === "registrar" ? this.#registrar : this.#receipt;
    if (purpose === "checkpoint") return;
    if (keys.has(key_id)) throw new CheckError(`${purpose} key ${key_id} is named twice`);
    keys.set(key_id, sound(public_key));
  }
}

/** Keys found sound: looking takes longer than all else about an event, and streams share their service keys. */
const soundKeys = new Set<string>();
const MOST_SOUND_KEYS = 10_000;

/** A key under which no signature holds for two messages. @throws CheckError */
function sound(publicKey: Uint8Array): Uint8Array {
  const name = toHex(publicKey);
  if (soundKeys.has(name)) return publicKey;
  try {
    requireSoundKey(publicKey);
  } catch (cause) {
    throw new CheckError(`${name} is no public key that a signature can be trusted under`, { cause });
  }
  if (soundKeys.size < MOST_SOUND_KEYS) soundKeys.add(name);
  return publicKey;
}

function ownKey(key: Uint8Array | undefined, id: bigint): Uint8Array {
  if (key !== undefined) return key;
  throw new CheckError(`no event before it names registrar key ${id}`);
}

function validKey(key: AgentKeyRow | undefined, sequence: bigint, agent: string, id: bigint): Uint8Array {
  const name = `key ${id} of agent ${agent}`;
  if (key === undefined || key.registered_at >= sequence)
    throw new CheckError(`no event before it registers ${name}`);
  if (key.revoked_at !== null && key.revoked_at <= sequence)
    throw new CheckError(`${name} was revoked before it, at sequence ${key.revoked_at}`);
  return key.public_key;
}

/**
 * The history as the database's tables tell it, for whoever cannot open payloads. That there is an event of the registrar's for
 * each change is checked; which public key it named is not.
 */
export class ListedKeys implements KeyHistory {
  readonly #agents: ReadonlyMap<string, AgentKeyRow>;
  readonly #services: readonly ServiceKeyRow[];
  readonly checkpointKeys: readonly VerifierKey[];
  registrarId: string | undefined;

  constructor(agents: readonly AgentKeyRow[], services: readonly ServiceKeyRow[], origin: string) {
    this.#agents = new Map(agents.map((row) => [keyName(row.agent_id, row.key_id), row]));
    this.#services = services;
    this.checkpointKeys = services
      .filter(({ purpose }) => purpose === "checkpoint")
      .map(({ public_key }) => ({ name: origin, type: SIGNATURE_TYPE.note, publicKey: public_key }));
  }

  take(row: EventRow): void {
    if (row.event_type === "proofx.stream.opened") this.registrarId ??= row.source_agent_id;
    const key = this.#agents.get(row.entity_id);
    const at = row.event_type === "proofx.key.revoked" ? key?.revoked_at : key?.registered_at;
    if (row.event_type.startsWith("proofx.key.") && at !== row.sequence)
      throw new CheckError(`the table of keys has key ${row.entity_id} at ${at ?? "no place"}`);
  }

  keyOf({ sequence, source_agent_id: agent, agent_key_id: id }: EventRow): Uint8Array {
    return agent === this.registrarId
      ? ownKey(this.#service("registrar", Number(id)), id)
      : validKey(this.#agents.get(keyName(agent, id)), sequence, agent, id);
  }

  receiptKey(id: number): Uint8Array | undefined {
    return this.#service("receipt", id);
  }

  expectedRows(): undefined {
    return undefined;
  }

  #service(purpose: string, id: number): Uint8Array | undefined {
    return this.#services.find((row) => row.purpose === purpose && row.key_id === id)?.public_key;
  }
}

/** What differs between two rows of a key; undefined when nothing does. */
export function keyDifference(
  expected: AgentKeyRow,
  row: AgentKeyRow,
): [field: string, detail: string] | undefined {
  if (!equalBytes(expected.public_key, row.public_key))
    return [
      "public_key",
      `the log registers ${toHex(expected.public_key)}, the table has ${toHex(row.public_key)}`,
    ];
  for (const field of ["registered_at", "revoked_at"] as const)
    if (expected[field] !== row[field])
      return [field, `the log says ${expected[field] ?? "never"}, the table ${row[field] ?? "never"}`];
  return undefined;
}
