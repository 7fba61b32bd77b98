import { InputError } from "../errors.ts";
import { preimage } from "../preimage.ts";
import type { SignedContent } from "./event.ts";
import { signingHash } from "./signing.ts";

/** What of a sequenced event its leaf is made of. */
export interface LeafContent {
  readonly sequence: bigint;
  readonly event: SignedContent & { readonly agentSignature: Uint8Array };
}

/** Names a stream on chain: `H("VES_STREAM_V1" || U tenant || U store)`, 32 bytes. */
export function streamId(tenant: string, store: string): Uint8Array {
  return preimage("VES_STREAM_V1").uuid("tenant_id", tenant).uuid("store_id", store).digest();
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
export function leafOf(content: LeafPreimage): Uint8Array {
  if (content.sequence < 1n) throw InputError.expected("sequence_number", "1 or more", content.sequence);
  return preimage("VES_LEAF_V1")
    .uuid("tenant_id", content.tenantId)
    .uuid("store_id", content.storeId)
    .u64("sequence_number", content.sequence)
    .bytes("signing_hash", content.signingHash, 32)
    .bytes("agent_signature", content.agentSignature, 64)
    .digest();
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
