import { fromHex, requireLength } from "../bytes.ts";
import { InputError } from "../errors.ts";
import type { KeyProvider } from "../ports.ts";
import type { EventFields, UnsignedEvent, VesEvent } from "./event.ts";
import { eventToJson, parseEvent } from "./json.ts";
import { cipherHash, NO_CIPHER_HASH, payloadAad, plainHash } from "./payload.ts";
import { signingHash } from "./signing.ts";
import { verifyEvent } from "./verify.ts";

/** What signs for an agent. */
export interface EventSigner {
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Signs the 32-byte signing hash as a message; 64 bytes. */
  sign(hash: Uint8Array): Promise<Uint8Array>;
}

/** An agent's signer whose key stays behind the `KeyProvider` port. @throws InputError when the key is not ed25519. */
export async function keyProviderSigner(keys: KeyProvider, name: string): Promise<EventSigner> {
  const { algorithm, publicKey } = await keys.info(name);
  if (algorithm !== "ed25519") throw InputError.expected(`key "${name}"`, "an ed25519 key", algorithm);
  return { publicKey: fromHex("publicKey", publicKey, 32), sign: (hash) => keys.signMessage(name, hash) };
}

/**
 * Computes an event's hashes, has it signed, and checks the result as any reader would.
 *
 * @throws InputError when a field is not allowed; CheckError when the signer's answer does not hold.
 */
export async function buildEvent(fields: EventFields, signer: EventSigner): Promise<VesEvent> {
  const unsigned = withHashes(fields);
  const agentSignature = requireLength("signature", await signer.sign(signingHash(unsigned)), 64);
  // Through JSON and back: what no reader would accept is never handed out.
  const event = parseEvent(eventToJson({ ...unsigned, agentSignature }));
  verifyEvent(event, signer.publicKey);
  return event;
}

function withHashes(fields: EventFields): UnsignedEvent {
  if (fields.payloadKind === 0) {
    return { ...fields, payloadPlainHash: plainHash(fields.payload), payloadCipherHash: NO_CIPHER_HASH };
  }
  const aad = payloadAad(fields, fields.payloadPlainHash);
  return { ...fields, payloadCipherHash: cipherHash(fields.payloadEncrypted, aad) };
}
