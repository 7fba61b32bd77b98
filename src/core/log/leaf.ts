import { requireLength, uint } from "../bytes.ts";
import { InputError } from "../errors.ts";
import { taggedHash } from "../hash.ts";
import { uuidBytes } from "../uuid.ts";
import type { SignedContent } from "./event.ts";
import { signingHash } from "./signing.ts";

/** What of a sequenced event its leaf is made of. */
export interface LeafContent {
  readonly sequence: bigint;
  readonly event: SignedContent & { readonly agentSignature: Uint8Array };
}

/** Names a stream on chain: `H("VES_STREAM_V1" || U tenant || U store)`, 32 bytes. */
export function streamId(tenant: string, store: string): Uint8Array {
  return taggedHash("VES_STREAM_V1", uuidBytes("tenant_id", tenant), uuidBytes("store_id", store));
}

/** All that a leaf is made of: enough to recompute it without telling what the event says. */
export interface LeafPreimage {
  /** UUIDs; tenant and store name the stream. */
  readonly tenantId: string;
  readonly storeId: string;
  /** From 1. */
  readonly sequence: bigint;
  /** 32 bytes. */
  readonly signingHash: Uint8Array;
  /** 64 bytes. */
  readonly agentSignature: Uint8Array;
}

/**
 * `H("VES_LEAF_V1" || U tenant || U store || u64 sequence || signing hash || signature)`, 32 bytes.
 *
 * @throws InputError for sequence 0: sequences start at 1.
 */
export function leafOf(preimage: LeafPreimage): Uint8Array {
  if (preimage.sequence < 1n) throw InputError.expected("sequence_number", "1 or more", preimage.sequence);
  return taggedHash(
    "VES_LEAF_V1",
    uuidBytes("tenant_id", preimage.tenantId),
    uuidBytes("store_id", preimage.storeId),
    uint("sequence_number", preimage.sequence, 8),
    requireLength("signing_hash", preimage.signingHash, 32),
    requireLength("agent_signature", preimage.agentSignature, 64),
  );
}

/**
 * An event's leaf in its batch, and its entry in its stream's log: tenant, store, place, content and signature; 32 bytes.
 *
 * @throws InputError for sequence 0: sequences start at 1.
 */
export function eventLeaf({ sequence, event }: LeafContent): Uint8Array {
  const { tenantId, storeId, agentSignature } = event;
  return leafOf({ tenantId, storeId, sequence, signingHash: signingHash(event), agentSignature });
}
