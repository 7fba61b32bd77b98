import { SCALAR_ORDER } from "../bn254.ts";
import { requireLength, uintFromBytes } from "../bytes.ts";
import { InputError } from "../errors.ts";
import { preimage } from "../preimage.ts";
import type { SignedContent } from "./event.ts";
import { withIdentity } from "./payload.ts";

/**
 * The 32 bytes that an agent signs (docs/formats.md, signing hash v1 to v3).
 *
 * @throws InputError when a field has no encoding, or a facts commitment stands in a version that would not sign it.
 */
export function signingHash(event: SignedContent): Uint8Array {
  requireFactsCommitment(event);
  const v1 = signingHashV1(event);
  if (event.vesVersion === 1) return v1;
  const v2 = signingHashV2(event, v1);
  if (event.vesVersion === 2) return v2;
  return signingHashV3(event, v2);
}

/**
 * @throws InputError unless the event has no facts commitment, or is of version 3 and has 32 bytes below the scalar order.
 */
function requireFactsCommitment({ vesVersion, factsCommitment }: SignedContent): void {
  if (factsCommitment === undefined) return;
  if (vesVersion !== 3) {
    throw InputError.expected(
      "facts_commitment",
      "none below version 3, which alone signs it",
      factsCommitment,
    );
  }
  requireLength("facts_commitment", factsCommitment, 32);
  if (uintFromBytes(factsCommitment) >= SCALAR_ORDER) {
    throw InputError.expected("facts_commitment", "a number below the BN254 scalar order", "one that is not");
  }
}

function signingHashV1(event: SignedContent): Uint8Array {
  return withIdentity("VES_EVENTSIG_V1", event)
    .u32("payload_kind", event.payloadKind)
    .bytes("payload_plain_hash", event.payloadPlainHash, 32)
    .bytes("payload_cipher_hash", event.payloadCipherHash, 32)
    .digest();
}

// An optional field is `u8 present [|| value]`.

function signingHashV2({ commandId, baseVersion }: SignedContent, v1: Uint8Array): Uint8Array {
  const hashed = preimage("VES_EVENTSIG_V2").bytes("signing hash v1", v1, 32);
  if (commandId === undefined) hashed.byte(0);
  else hashed.byte(1).uuid("command_id", commandId);
  if (baseVersion === undefined) hashed.byte(0);
  else hashed.byte(1).u64("base_version", baseVersion);
  return hashed.digest();
}

function signingHashV3({ factsCommitment }: SignedContent, v2: Uint8Array): Uint8Array {
  const hashed = preimage("VES_EVENTSIG_V3").bytes("signing hash v2", v2, 32);
  if (factsCommitment === undefined) hashed.byte(0);
  else hashed.byte(1).bytes("facts_commitment", factsCommitment, 32);
  return hashed.digest();
}
