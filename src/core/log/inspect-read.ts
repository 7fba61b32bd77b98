import { z } from "zod";
import { isHex } from "../bytes.ts";
import { InputError } from "../errors.ts";
import { base64urlField, hexField, textField, uintField, uuidField } from "../json.ts";
import type { Json } from "../json-value.ts";
import type { EncryptedPayload, EventHeader, VesVersion } from "./event.ts";
import { u64Of } from "./schema.ts";

/**
 * What of an event's JSON can be hashed, each part for itself: one that is missing or malformed is left out, and does not
 * take the others with it.
 */
export interface Readable {
  readonly kind: 0 | 1 | undefined;
  readonly stream: { readonly tenantId: string; readonly storeId: string } | undefined;
  readonly header: EventHeader | undefined;
  /** Wrapped, because a payload may be null. */
  readonly plain: { readonly payload: Json } | undefined;
  readonly encrypted: EncryptedPayload | undefined;
  /** Declared, 32 bytes each. */
  readonly plainHash: Uint8Array | undefined;
  readonly cipherHash: Uint8Array | undefined;
  /** 64 bytes. */
  readonly signature: Uint8Array | undefined;
  readonly sequence: bigint | undefined;
}

const U32_MAX = 2 ** 32 - 1;
const STREAM = z.looseObject({ tenant_id: uuidField, store_id: uuidField });
const IDENTITY = z.looseObject({
  ves_version: z.literal([1, 2, 3]),
  tenant_id: uuidField,
  store_id: uuidField,
  event_id: uuidField,
  source_agent_id: uuidField,
  agent_key_id: uintField(U32_MAX),
  entity_type: textField,
  entity_id: textField,
  event_type: textField,
  // Any text: a time of a wrong form still has a hash.
  created_at: textField,
});
const OPTIONAL = {
  command_id: uuidField.optional(),
  base_version: z.union([u64Of(1), u64Of(3)]).optional(),
  facts_commitment: hexField(32).optional(),
};
const ENCRYPTED = z.looseObject({
  nonce_b64u: base64urlField(12),
  ciphertext_b64u: base64urlField(),
  tag_b64u: base64urlField(16),
  recipients: z.array(
    z.looseObject({
      recipient_kid: uintField(U32_MAX),
      enc_b64u: base64urlField(),
      ct_b64u: base64urlField(),
    }),
  ),
});

/** Reads what can be read of an event's JSON. */
export function readLeniently(json: Readonly<Record<string, unknown>>): Readable {
  const stream = STREAM.safeParse(json).data;
  const kind = json.payload_kind;
  return {
    kind: kind === 0 || kind === 1 ? kind : undefined,
    stream: stream && { tenantId: stream.tenant_id, storeId: stream.store_id },
    header: headerOf(json),
    plain: Object.hasOwn(json, "payload") ? { payload: json.payload as Json } : undefined,
    encrypted: encryptedOf(json.payload_encrypted),
    plainHash: bytesOf(json.payload_plain_hash, 32),
    cipherHash: bytesOf(json.payload_cipher_hash, 32),
    signature: bytesOf(json.agent_signature, 64),
    sequence: z.union([u64Of(1), u64Of(3)]).safeParse(json.sequence_number).data,
  };
}

/**
 * One event's JSON of a file that holds one event, or one a line.
 *
 * @param line Which line, from 1; not needed when there is only one.
 * @throws InputError when it is needed, or there is no such line.
 */
export function chooseEvent(text: string, line?: number): string {
  const lines = text.trimEnd().split("\n");
  if (line === undefined) {
    if (lines.length === 1 || !lines.every(isJson)) return text;
    throw InputError.expected("line", `1 to ${lines.length}, which of the file's events`, line);
  }
  const chosen = lines[line - 1];
  if (chosen === undefined) throw InputError.expected("line", `1 to ${lines.length}`, line);
  return chosen;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Whether a declared value is a hash as our JSON writes it. */
export function isHash(declared: string): boolean {
  return isHex(declared, 32);
}

function bytesOf(value: unknown, length: number): Uint8Array | undefined {
  return hexField(length).safeParse(value).data;
}

function headerOf(json: Readonly<Record<string, unknown>>): EventHeader | undefined {
  const identity = IDENTITY.safeParse(json).data;
  const optional = z.looseObject(OPTIONAL).safeParse(json).data;
  if (identity === undefined || optional === undefined) return undefined;
  const vesVersion: VesVersion = identity.ves_version;
  return {
    vesVersion,
    eventId: identity.event_id,
    tenantId: identity.tenant_id,
    storeId: identity.store_id,
    sourceAgentId: identity.source_agent_id,
    agentKeyId: identity.agent_key_id,
    entityType: identity.entity_type,
    entityId: identity.entity_id,
    eventType: identity.event_type,
    createdAt: identity.created_at,
    ...(optional.command_id === undefined ? {} : { commandId: optional.command_id }),
    ...(optional.base_version === undefined ? {} : { baseVersion: optional.base_version }),
    ...(optional.facts_commitment === undefined ? {} : { factsCommitment: optional.facts_commitment }),
  };
}

function encryptedOf(json: unknown): EncryptedPayload | undefined {
  const read = ENCRYPTED.safeParse(json).data;
  return (
    read && {
      nonce: read.nonce_b64u,
      ciphertext: read.ciphertext_b64u,
      tag: read.tag_b64u,
      recipients: read.recipients.map(({ recipient_kid, enc_b64u, ct_b64u }) => ({
        recipientKid: recipient_kid,
        enc: enc_b64u,
        ct: ct_b64u,
      })),
    }
  );
}
