import { z } from "zod";
import { toBase64url } from "../base64url.ts";
import { toHex } from "../bytes.ts";
import { faultsOf, readJson } from "../json.ts";
import type { Json } from "../json-value.ts";
import type { EncryptedPayload, SequencedEvent, VesEvent, VesVersion } from "./event.ts";
import { recipientToJson } from "./payload.ts";
import { plainEventSchema, sealedEventSchema, u64Of } from "./schema.ts";

type JsonObject = { readonly [key: string]: Json };
type WireEvent =
  | z.output<ReturnType<typeof plainEventSchema>>
  | z.output<ReturnType<typeof sealedEventSchema>>;

const SCHEMAS = { 1: schemasOf(1), 2: schemasOf(2), 3: schemasOf(3) };
const VERSION = z.looseObject({ ves_version: z.literal([1, 2, 3], { error: "1, 2 or 3" }) });
const KIND = z.looseObject({ payload_kind: z.literal([0, 1], { error: "0 (plain) or 1 (encrypted)" }) });

/**
 * Reads an event's JSON (docs/formats.md section 1). Form only: `verifyEvent` checks hashes and signature.
 *
 * @param path JSON path for error texts.
 * @throws InputError `path: expected X, got Y`, for an unknown field too.
 */
export function parseEvent(json: unknown, path = "$"): VesEvent {
  const [version, kind] = formOf(json) ?? [
    readJson(VERSION, json, path).ves_version,
    readJson(KIND, json, path).payload_kind,
  ];
  return fromWire(readJson<z.ZodType<WireEvent>>(SCHEMAS[version][kind], json, path));
}

/** Version and payload kind, looked at alone; undefined leaves it to their schemas to say what is wrong. */
function formOf(json: unknown): [version: VesVersion, kind: 0 | 1] | undefined {
  if (typeof json !== "object" || json === null) return undefined;
  const { ves_version: version, payload_kind: kind } = json as {
    ves_version?: unknown;
    payload_kind?: unknown;
  };
  if (version !== 1 && version !== 2 && version !== 3) return undefined;
  return kind === 0 || kind === 1 ? [version, kind] : undefined;
}

/** All that `parseEvent` would refuse in an event's JSON, one sentence a fault. */
export function eventFaults(json: unknown, path = "$"): string[] {
  const version = VERSION.safeParse(json).data?.ves_version;
  const kind = KIND.safeParse(json).data?.payload_kind;
  if (version === undefined || kind === undefined) {
    return [...faultsOf(VERSION, json, path), ...faultsOf(KIND, json, path)];
  }
  return faultsOf(SCHEMAS[version][kind], json, path);
}

/** Reads an event with its `sequence_number`. @throws InputError as `parseEvent`. */
export function parseSequencedEvent(json: unknown, path = "$"): SequencedEvent {
  const { ves_version: version } = readJson(VERSION, json, path);
  const { sequence_number: sequence } = readJson(SEQUENCED[version], json, path);
  // From the value itself: what a loose schema returns lacks a field named __proto__, which is as unknown as any other.
  const { sequence_number: _, ...rest } = json as JsonObject;
  return { sequence, event: parseEvent(rest, path) };
}

/** An event as JSON; what `parseEvent` reads. */
export function eventToJson(event: VesEvent): JsonObject {
  return {
    ves_version: event.vesVersion,
    event_id: event.eventId,
    tenant_id: event.tenantId,
    store_id: event.storeId,
    source_agent_id: event.sourceAgentId,
    agent_key_id: event.agentKeyId,
    entity_type: event.entityType,
    entity_id: event.entityId,
    event_type: event.eventType,
    created_at: event.createdAt,
    ...optionalToJson(event),
    payload_kind: event.payloadKind,
    ...(event.payloadKind === 0
      ? { payload: event.payload }
      : { payload_encrypted: encryptedToJson(event.payloadEncrypted) }),
    payload_plain_hash: toHex(event.payloadPlainHash),
    payload_cipher_hash: toHex(event.payloadCipherHash),
    agent_signature: toHex(event.agentSignature),
  };
}

/** A sequenced event as JSON; what `parseSequencedEvent` reads. */
export function sequencedEventToJson({ sequence, event }: SequencedEvent): JsonObject {
  return { ...eventToJson(event), sequence_number: u64ToJson(event.vesVersion, sequence) };
}

function schemasOf(version: VesVersion) {
  return { 0: plainEventSchema(version), 1: sealedEventSchema(version) } as const;
}

function sequencedOf(version: VesVersion) {
  return z.looseObject({ sequence_number: u64Of(version) });
}

function fromWire(wire: WireEvent): VesEvent {
  return {
    vesVersion: wire.ves_version,
    eventId: wire.event_id,
    tenantId: wire.tenant_id,
    storeId: wire.store_id,
    sourceAgentId: wire.source_agent_id,
    agentKeyId: wire.agent_key_id,
    entityType: wire.entity_type,
    entityId: wire.entity_id,
    eventType: wire.event_type,
    createdAt: wire.created_at,
    ...(wire.command_id === undefined ? {} : { commandId: wire.command_id }),
    ...(wire.base_version === undefined ? {} : { baseVersion: wire.base_version }),
    ...(wire.facts_commitment === undefined ? {} : { factsCommitment: wire.facts_commitment }),
    ...(wire.payload_kind === 0
      ? { payloadKind: 0, payload: wire.payload }
      : { payloadKind: 1, payloadEncrypted: wire.payload_encrypted }),
    payloadPlainHash: wire.payload_plain_hash,
    payloadCipherHash: wire.payload_cipher_hash,
    agentSignature: wire.agent_signature,
  };
}

function optionalToJson({ vesVersion, commandId, baseVersion, factsCommitment }: VesEvent): JsonObject {
  return {
    ...(commandId === undefined ? {} : { command_id: commandId }),
    ...(baseVersion === undefined ? {} : { base_version: u64ToJson(vesVersion, baseVersion) }),
    ...(factsCommitment === undefined ? {} : { facts_commitment: toHex(factsCommitment) }),
  };
}

function encryptedToJson({ nonce, ciphertext, tag, recipients }: EncryptedPayload): JsonObject {
  return {
    enc_version: 1,
    aead: "AES-256-GCM",
    nonce_b64u: toBase64url(nonce),
    ciphertext_b64u: toBase64url(ciphertext),
    tag_b64u: toBase64url(tag),
    hpke: { mode: "base", kem: "X25519-HKDF-SHA256", kdf: "HKDF-SHA256", aead: "AES-256-GCM" },
    recipients: recipients.map(recipientToJson),
  };
}

function u64ToJson(version: VesVersion, value: bigint): Json {
  return version === 3 ? value.toString() : Number(value);
}

const SEQUENCED = { 1: sequencedOf(1), 2: sequencedOf(2), 3: sequencedOf(3) };
