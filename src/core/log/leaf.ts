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

/**
 * An event's leaf in its batch, and its entry in its stream's log: tenant, store, place, content and signature; 32 bytes.
 *
 * @throws InputError for sequence 0: sequences start at 1.
 */
export function eventLeaf({ sequence, event }: LeafContent): Uint8Array {
  if (sequence < 1n) throw InputError.expected("sequence_number", "1 or more", sequence);
  return taggedHash(
    "VES_LEAF_V1",
    uuidBytes("tenant_id", event.tenantId),
    uuidBytes("store_id", event.storeId),
    uint("sequence_number", sequence, 8),
    signingHash(event),
    requireLength("agent_signature", event.agentSignature, 64),
  );
}
