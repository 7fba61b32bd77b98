import { uint } from "../bytes.ts";
import { sizedText, taggedHash } from "../hash.ts";
import { uuidBytes } from "../uuid.ts";
import type { EncryptedPayload, EventHeader } from "./event.ts";

/**
 * The payload aad as the upstream sequencer's own code computes it: without the version that the published format begins
 * its identity with. To recognise such events only; nothing here is ever accepted.
 */
export function upstreamPayloadAad(header: EventHeader, payloadPlainHash: Uint8Array): Uint8Array {
  return taggedHash(
    "VES_PAYLOAD_AAD_V1",
    uuidBytes("tenant_id", header.tenantId),
    uuidBytes("store_id", header.storeId),
    uuidBytes("event_id", header.eventId),
    uuidBytes("source_agent_id", header.sourceAgentId),
    uint("agent_key_id", header.agentKeyId, 4),
    sizedText("entity_type", header.entityType),
    sizedText("entity_id", header.entityId),
    sizedText("event_type", header.eventType),
    sizedText("created_at", header.createdAt),
    payloadPlainHash,
  );
}

/** The recipients hash there: binary entries with length prefixes, where the published format has canonical JSON. */
export function upstreamRecipientsHash({ recipients }: EncryptedPayload): Uint8Array {
  return taggedHash(
    "VES_RECIPIENTS_V1",
    ...recipients.flatMap(({ recipientKid, enc, ct }) => [
      uint("recipient_kid", recipientKid, 4),
      ...sized(enc),
      ...sized(ct),
    ]),
  );
}

/** The cipher hash there: with the encryption's version and the ciphertext's length. */
export function upstreamCipherHash(encrypted: EncryptedPayload, aad: Uint8Array): Uint8Array {
  return taggedHash(
    "VES_PAYLOAD_CIPHER_V1",
    uint("enc_version", 1, 4),
    encrypted.nonce,
    aad,
    ...sized(encrypted.ciphertext),
    encrypted.tag,
    upstreamRecipientsHash(encrypted),
  );
}

const sized = (bytes: Uint8Array): [Uint8Array, Uint8Array] => [uint("length", bytes.length, 4), bytes];
