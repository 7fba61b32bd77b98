import { equalBytes, toHex } from "../bytes.ts";
import { CheckError } from "../errors.ts";
import type { UnsignedEvent, VesEvent } from "./event.ts";
import { cipherHash, NO_CIPHER_HASH, payloadAad, plainHash } from "./payload.ts";
import { verifyEd25519 } from "./signature.ts";
import { signingHash } from "./signing.ts";

/**
 * Checks that an event is what its agent signed: its payload gives the signed hashes, and the signature holds.
 *
 * An encrypted payload's plain hash is taken as signed: only a recipient can check it.
 *
 * @param publicKey The agent's Ed25519 key that `agentKeyId` names, 32 bytes; the caller looks it up.
 * @throws CheckError naming what does not hold.
 */
export function verifyEvent(event: VesEvent, publicKey: Uint8Array): void {
  verifyPayloadHashes(event);
  if (!verifyEd25519(event.agentSignature, signingHash(event), publicKey)) {
    throw new CheckError(
      `event ${event.eventId}: agent_signature does not hold under key ${toHex(publicKey)}`,
    );
  }
}

/** @throws CheckError when the payload does not hash to the event's plain or cipher hash. */
function verifyPayloadHashes(event: UnsignedEvent): void {
  if (event.payloadKind === 0) {
    requireHash(event, "payload_plain_hash", plainHash(event.payload), event.payloadPlainHash);
    requireHash(event, "payload_cipher_hash", NO_CIPHER_HASH, event.payloadCipherHash);
    return;
  }
  const aad = payloadAad(event, event.payloadPlainHash);
  requireHash(event, "payload_cipher_hash", cipherHash(event.payloadEncrypted, aad), event.payloadCipherHash);
}

function requireHash(event: UnsignedEvent, field: string, expected: Uint8Array, got: Uint8Array): void {
  if (equalBytes(expected, got)) return;
  throw new CheckError(`event ${event.eventId}: ${field}: expected ${toHex(expected)}, got ${toHex(got)}`);
}
