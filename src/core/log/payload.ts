import { toBase64url } from "../base64url.ts";
import { requireLength } from "../bytes.ts";
import { taggedHash } from "../hash.ts";
import { canonicalJson } from "../json.ts";
import type { Json } from "../json-value.ts";
import { type Preimage, preimage } from "../preimage.ts";
import type { EncryptedPayload, EventHeader, PayloadRecipient } from "./event.ts";

/** The cipher hash of a plain payload: 32 zero bytes. */
export const NO_CIPHER_HASH: Uint8Array = new Uint8Array(32);

/** Bytes of the salt before an encrypted payload: without it, whoever guesses a payload could tell by its hash. */
export const SALT_LENGTH = 16;

/**
 * Plain hash of a payload: `H("VES_PAYLOAD_PLAIN_V1" || [salt] || JCS(payload))`.
 *
 * @param salt 16 bytes, for an encrypted payload only.
 */
export function plainHash(payload: Json, salt?: Uint8Array): Uint8Array {
  const salted = salt === undefined ? [] : [requireLength("salt", salt, SALT_LENGTH)];
  return taggedHash("VES_PAYLOAD_PLAIN_V1", ...salted, canonicalJson("payload", payload));
}

/** What the encryption of an event's payload is bound to; 32 bytes. */
export function payloadAad(header: EventHeader, payloadPlainHash: Uint8Array): Uint8Array {
  return withIdentity("VES_PAYLOAD_AAD_V1", header)
    .bytes("payload_plain_hash", payloadPlainHash, 32)
    .digest();
}

/** `tag || u32 version || U tenant || ... || S created_at`, the part that the aad and the signing hash share. */
export function withIdentity(tag: string, header: EventHeader): Preimage {
  return preimage(tag)
    .u32("ves_version", header.vesVersion)
    .uuid("tenant_id", header.tenantId)
    .uuid("store_id", header.storeId)
    .uuid("event_id", header.eventId)
    .uuid("source_agent_id", header.sourceAgentId)
    .u32("agent_key_id", header.agentKeyId)
    .text("entity_type", header.entityType)
    .text("entity_id", header.entityId)
    .text("event_type", header.eventType)
    .text("created_at", header.createdAt);
}

/** `H("VES_RECIPIENTS_V1" || JCS(recipients sorted by recipient_kid))`. */
export function recipientsHash(recipients: readonly PayloadRecipient[]): Uint8Array {
  const sorted = [...recipients].sort((a, b) => a.recipientKid - b.recipientKid).map(recipientToJson);
  return taggedHash("VES_RECIPIENTS_V1", canonicalJson("recipients", sorted));
}

/** A recipient as JSON names its fields. */
export function recipientToJson(recipient: PayloadRecipient): { readonly [key: string]: Json } {
  return {
    recipient_kid: recipient.recipientKid,
    enc_b64u: toBase64url(recipient.enc),
    ct_b64u: toBase64url(recipient.ct),
  };
}

/**
 * Cipher hash of an encrypted payload: `H("VES_PAYLOAD_CIPHER_V1" || nonce || aad || ciphertext || tag || recipients hash)`.
 *
 * @param aad As `payloadAad` gives it, 32 bytes.
 */
export function cipherHash(encrypted: EncryptedPayload, aad: Uint8Array): Uint8Array {
  return taggedHash(
    "VES_PAYLOAD_CIPHER_V1",
    requireLength("nonce", encrypted.nonce, 12),
    requireLength("payload aad", aad, 32),
    encrypted.ciphertext,
    requireLength("tag", encrypted.tag, 16),
    recipientsHash(encrypted.recipients),
  );
}
