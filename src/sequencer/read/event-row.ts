import { toHex } from "../../core/bytes.ts";
import type { Json } from "../../core/json.ts";
import { type Receipt, receiptHash } from "../../core/log/index.ts";
import { eventAad } from "../at-rest/index.ts";

/** One row of `proofx.events`, as `EVENT_COLUMNS` reads it. */
export interface EventRow {
  readonly tenant_id: string;
  readonly store_id: string;
  readonly sequence: bigint;
  readonly event_id: string;
  readonly ves_version: 1 | 2 | 3;
  readonly source_agent_id: string;
  readonly agent_key_id: bigint;
  readonly entity_type: string;
  readonly entity_id: string;
  readonly event_type: string;
  readonly created_at: string;
  readonly command_id: string | null;
  /** A u64 in decimal. */
  readonly base_version: string | null;
  readonly facts_commitment: Uint8Array | null;
  readonly payload_kind: 0 | 1;
  /** As it is at rest; empty once it was moved to an archive. */
  readonly payload: Uint8Array;
  readonly payload_plain_hash: Uint8Array;
  readonly payload_cipher_hash: Uint8Array;
  readonly agent_signature: Uint8Array;
  readonly signing_hash: Uint8Array;
  readonly entity_version: bigint;
  readonly sequenced_at: bigint;
  readonly receipt_key_id: number;
  readonly receipt_signature: Uint8Array;
}

/** A whole row. */
export interface EventRowWithLeaf extends EventRow {
  readonly leaf: Uint8Array;
}

export const EVENT_COLUMNS = `tenant_id, store_id, sequence, event_id, ves_version, source_agent_id, agent_key_id, entity_type,
  entity_id, event_type, created_at, command_id, base_version, facts_commitment, payload_kind, payload, payload_plain_hash,
  payload_cipher_hash, agent_signature, signing_hash, entity_version, sequenced_at, receipt_key_id, receipt_signature`;

/** Why an event is answered without its payload: erased for good, or moved to an archive that the operator keeps. */
export type Missing = "erased" | "archived";

/** The JSON fields of an event; `parseSequencedEvent` reads it, unless its payload is missing. */
export type EventJson = { readonly [field: string]: Json };

/**
 * A row as the JSON that its agent signed, with its place.
 *
 * @param content JCS of what was sent as `payload` or `payload_encrypted`; or why it is missing.
 */
export function eventJson(row: EventRow, content: Uint8Array | Missing): EventJson {
  return { ...signedJson(row, payloadJson(row, content)), sequence_number: u64Json(row, row.sequence) };
}

const u64Json = ({ ves_version: version }: EventRow, value: bigint): Json =>
  version === 3 ? value.toString() : Number(value);

/**
 * A row as the JSON that its agent signed.
 *
 * @param payload The fields that say what was sent.
 */
export function signedJson(row: EventRow, payload: EventJson): EventJson {
  return {
    ves_version: row.ves_version,
    event_id: row.event_id,
    tenant_id: row.tenant_id,
    store_id: row.store_id,
    source_agent_id: row.source_agent_id,
    agent_key_id: Number(row.agent_key_id),
    entity_type: row.entity_type,
    entity_id: row.entity_id,
    event_type: row.event_type,
    created_at: row.created_at,
    ...(row.command_id === null ? {} : { command_id: row.command_id }),
    ...(row.base_version === null ? {} : { base_version: u64Json(row, BigInt(row.base_version)) }),
    ...(row.facts_commitment === null ? {} : { facts_commitment: toHex(row.facts_commitment) }),
    payload_kind: row.payload_kind,
    ...payload,
    payload_plain_hash: toHex(row.payload_plain_hash),
    payload_cipher_hash: toHex(row.payload_cipher_hash),
    agent_signature: toHex(row.agent_signature),
  };
}

/** The receipt as it was given; only its signature is kept, the rest follows from the row. */
export function receiptOf(row: EventRow): Receipt {
  const statement = {
    eventId: row.event_id,
    tenantId: row.tenant_id,
    storeId: row.store_id,
    sequence: row.sequence,
    signingHash: row.signing_hash,
  };
  return {
    ...statement,
    sequencedAt: row.sequenced_at,
    receiptHash: receiptHash(statement),
    receiptKeyId: row.receipt_key_id,
    receiptSignature: row.receipt_signature,
  };
}

/** What the payload at rest is bound to; 32 bytes. */
export function payloadAtRestAad(row: EventRow): Uint8Array {
  return eventAad({
    tenantId: row.tenant_id,
    storeId: row.store_id,
    eventId: row.event_id,
    sequence: row.sequence,
    entityType: row.entity_type,
    entityId: row.entity_id,
    eventType: row.event_type,
  });
}

/** The field that a payload was sent as. */
export const sentAs = (kind: EventRow["payload_kind"], value: Json): EventJson =>
  kind === 0 ? { payload: value } : { payload_encrypted: value };

function payloadJson({ payload_kind: kind }: EventRow, content: Uint8Array | Missing): EventJson {
  if (content === "erased") return { payload_erased: true };
  if (content === "archived") return { payload_archived: true };
  const value: Json = JSON.parse(Buffer.from(content).toString("utf8"));
  return sentAs(kind, value);
}
