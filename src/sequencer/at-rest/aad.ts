import { preimage } from "../../core/preimage.ts";

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
  return preimage("STATESET_PAYLOAD_ATREST_AAD_V1")
    .uuid("tenant_id", place.tenantId)
    .uuid("store_id", place.storeId)
    .uuid("event_id", place.eventId)
    .u64("sequence", place.sequence)
    .text("entity_type", place.entityType)
    .text("entity_id", place.entityId)
    .text("event_type", place.eventType)
    .digest();
}

/** The 32 bytes that bind a sealed compliance proof to its event and policy. */
export function proofAad(place: ProofPlace): Uint8Array {
  return preimage("STATESET_VES_COMPLIANCE_PROOF_ATREST_AAD_V1")
    .uuid("tenant_id", place.tenantId)
    .uuid("store_id", place.storeId)
    .uuid("event_id", place.eventId)
    .uuid("proof_id", place.proofId)
    .bytes("policy_hash", place.policyHash, 32)
    .u32("circuit_version", place.circuitVersion)
    .text("proof_type", place.proofType)
    .bytes("proof_hash", place.proofHash, 32)
    .digest();
}
