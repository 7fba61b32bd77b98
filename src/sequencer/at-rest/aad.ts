import { requireLength, uint } from "../../core/bytes.ts";
import { sizedText, taggedHash } from "../../core/hash.ts";
import { uuidBytes } from "../../core/uuid.ts";

/** A stored event's place and kind: all that its sealed payload is bound to. */
export interface EventPlace {
  readonly tenantId: string;
  readonly storeId: string;
  readonly eventId: string;
  readonly sequence: bigint;
  readonly entityType: string;
  readonly entityId: string;
  readonly eventType: string;
}

/** A stored compliance proof's place and kind; the hashes are 32 bytes. */
export interface ProofPlace {
  readonly tenantId: string;
  readonly storeId: string;
  readonly eventId: string;
  readonly proofId: string;
  readonly policyHash: Uint8Array;
  /** u32. */
  readonly circuitVersion: number;
  readonly proofType: string;
  readonly proofHash: Uint8Array;
}

/** The 32 bytes that bind a sealed payload to its event (docs/formats.md, "At rest"). */
export function eventAad(place: EventPlace): Uint8Array {
  return taggedHash(
    "STATESET_PAYLOAD_ATREST_AAD_V1",
    uuidBytes("tenant_id", place.tenantId),
    uuidBytes("store_id", place.storeId),
    uuidBytes("event_id", place.eventId),
    uint("sequence", place.sequence, 8),
    sizedText("entity_type", place.entityType),
    sizedText("entity_id", place.entityId),
    sizedText("event_type", place.eventType),
  );
}

/** The 32 bytes that bind a sealed compliance proof to its event and policy. */
export function proofAad(place: ProofPlace): Uint8Array {
  return taggedHash(
    "STATESET_VES_COMPLIANCE_PROOF_ATREST_AAD_V1",
    uuidBytes("tenant_id", place.tenantId),
    uuidBytes("store_id", place.storeId),
    uuidBytes("event_id", place.eventId),
    uuidBytes("proof_id", place.proofId),
    requireLength("policy_hash", place.policyHash, 32),
    uint("circuit_version", place.circuitVersion, 4),
    sizedText("proof_type", place.proofType),
    requireLength("proof_hash", place.proofHash, 32),
  );
}
