import { SCALAR_ORDER } from "../bn254.ts";
import { concatBytes, requireLength, uint, uintFromBytes } from "../bytes.ts";
import { InputError } from "../errors.ts";
import { taggedHash } from "../hash.ts";
import { uuidBytes } from "../uuid.ts";
import type { SignedContent } from "./event.ts";
import { identityParts } from "./payload.ts";

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
  return taggedHash("VES_EVENTSIG_V3", v2, optional(event.factsCommitment));
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
  return taggedHash(
    "VES_EVENTSIG_V1",
    ...identityParts(event),
    uint("payload_kind", event.payloadKind, 4),
    requireLength("payload_plain_hash", event.payloadPlainHash, 32),
    requireLength("payload_cipher_hash", event.payloadCipherHash, 32),
  );
}

function signingHashV2(event: SignedContent, v1: Uint8Array): Uint8Array {
  const { commandId, baseVersion } = event;
  return taggedHash(
    "VES_EVENTSIG_V2",
    v1,
    optional(commandId === undefined ? undefined : uuidBytes("command_id", commandId)),
    optional(baseVersion === undefined ? undefined : uint("base_version", baseVersion, 8)),
  );
}

/** `u8 present [|| value]`. */
function optional(value: Uint8Array | undefined): Uint8Array {
  return value === undefined ? Uint8Array.of(0) : concatBytes(Uint8Array.of(1), value);
}
