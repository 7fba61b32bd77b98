import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from "@hpke/core";
import { concatBytes, equalBytes, requireLength, uint } from "../bytes.ts";
import { CheckError, InputError } from "../errors.ts";
import { canonicalJson } from "../json.ts";
import type { Json } from "../json-value.ts";
import type { EventHeader, PayloadRecipient, SealedPayload, VesEvent } from "./event.ts";
import { payloadAad, plainHash, SALT_LENGTH } from "./payload.ts";

/** Who may open a payload. */
export interface PayloadReader {
  /** Which of the recipients' keys it is, u32; opening asks for it by this number. */
  readonly kid: number;
  /** X25519, 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** The payload of an event to build, and what its sender may want to keep. */
export interface Sealing {
  /** What `buildEvent` takes, beside the header. */
  readonly fields: SealedPayload & { readonly payloadPlainHash: Uint8Array };
  /** 16 bytes; with the payload it gives the plain hash, so it opens the payload to whoever is shown both. */
  readonly salt: Uint8Array;
}

/** What a recipient finds. */
export interface OpenedPayload {
  readonly payload: Json;
  /** 16 bytes. */
  readonly salt: Uint8Array;
}

const TAG_LENGTH = 16;
const SUITE = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

/**
 * Encrypts a payload to its readers, bound to the event's header (docs/formats.md section 1).
 *
 * The header must be the one that is signed: a payload sealed for another event does not open in this one.
 *
 * @throws InputError without readers, for a reader twice, and for a key that X25519 does not take.
 */
export async function sealPayload(
  header: EventHeader,
  payload: Json,
  readers: readonly PayloadReader[],
): Promise<Sealing> {
  const sorted = inOrder(readers);
  const salt = crypto.getRandomValues(new Uint8Array(SALT_LENGTH));
  const payloadPlainHash = plainHash(payload, salt);
  const aad = payloadAad(header, payloadPlainHash);
  const key = crypto.getRandomValues(new Uint8Array(32));
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  try {
    const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
    const plaintext = concatBytes(salt, canonicalJson("payload", payload));
    const sealed = new Uint8Array(await crypto.subtle.encrypt(gcm(nonce, aad), aes, owned(plaintext)));
    const recipients = await Promise.all(sorted.map((reader) => sealKey(key, reader, aad)));
    const payloadEncrypted = {
      nonce,
      ciphertext: sealed.slice(0, -TAG_LENGTH),
      tag: sealed.slice(-TAG_LENGTH),
      recipients,
    };
    return { fields: { payloadKind: 1, payloadEncrypted, payloadPlainHash }, salt };
  } finally {
    key.fill(0);
  }
}

/**
 * Opens an event's payload as one of its recipients, and checks it against the plain hash that the agent signed: every
 * recipient finds the same payload, or none.
 *
 * Signature and cipher hash are `verifyEvent`'s part.
 *
 * @param privateKey X25519, 32 bytes.
 * @throws InputError when the event is plain or not for `kid`; CheckError when it does not open, or is not what was signed.
 */
export async function openPayload(
  event: VesEvent,
  kid: number,
  privateKey: Uint8Array,
): Promise<OpenedPayload> {
  if (event.payloadKind === 0) throw InputError.expected("payload_kind", "1 (encrypted)", 0);
  const { nonce, ciphertext, tag, recipients } = event.payloadEncrypted;
  const recipient = recipients.find(({ recipientKid }) => recipientKid === kid);
  if (recipient === undefined) {
    const kids = recipients.map(({ recipientKid }) => recipientKid).join(", ");
    throw InputError.expected("recipient_kid", `one that the event is sealed to (${kids})`, kid);
  }
  requireLength("private key", privateKey, 32);
  const aad = payloadAad(event, event.payloadPlainHash);
  const key = await openKey(recipient, privateKey, aad, event.eventId);
  try {
    const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
    const sealed = owned(concatBytes(ciphertext, tag));
    const plaintext = await crypto.subtle.decrypt(gcm(nonce, aad), aes, sealed).catch((cause: unknown) => {
      throw new CheckError(`event ${event.eventId}: the payload does not open`, { cause });
    });
    return readPlaintext(new Uint8Array(plaintext), event);
  } finally {
    key.fill(0);
  }
}

function inOrder(readers: readonly PayloadReader[]): PayloadReader[] {
  if (readers.length === 0) throw InputError.expected("recipients", "at least one", []);
  const sorted = [...readers].sort((a, b) => a.kid - b.kid);
  sorted.forEach(({ kid, publicKey }, i) => {
    uint("recipient_kid", kid, 4);
    requireLength(`public key of recipient ${kid}`, publicKey, 32);
    if (sorted[i - 1]?.kid === kid) throw InputError.expected("recipient_kid", "each once", kid);
  });
  return sorted;
}

async function sealKey(
  key: Uint8Array,
  { kid, publicKey }: PayloadReader,
  info: Uint8Array,
): Promise<PayloadRecipient> {
  try {
    const recipientPublicKey = await SUITE.kem.deserializePublicKey(owned(publicKey));
    const { enc, ct } = await SUITE.seal({ recipientPublicKey, info: owned(info) }, owned(key));
    return { recipientKid: kid, enc: new Uint8Array(enc), ct: new Uint8Array(ct) };
  } catch (cause) {
    // A point of small order: the shared secret would be zero for everybody.
    throw new InputError(
      `public key of recipient ${kid}: expected an X25519 key, got one that seals nothing`,
      {
        cause,
      },
    );
  }
}

async function openKey(
  { recipientKid, enc, ct }: PayloadRecipient,
  privateKey: Uint8Array,
  info: Uint8Array,
  eventId: string,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const recipientKey = await SUITE.kem.deserializePrivateKey(owned(privateKey));
    const context = { recipientKey, enc: owned(enc), info: owned(info) };
    return new Uint8Array(await SUITE.open(context, owned(ct)));
  } catch (cause) {
    throw new CheckError(
      `event ${eventId}: its key for recipient ${recipientKid} does not open with this private key`,
      {
        cause,
      },
    );
  }
}

/** `salt || JCS(payload)`, canonical to the byte, so that names stand once and numbers are what they were. */
function readPlaintext(plaintext: Uint8Array, event: VesEvent): OpenedPayload {
  const salt = plaintext.slice(0, SALT_LENGTH);
  const text = plaintext.slice(SALT_LENGTH);
  const payload = canonical(text);
  if (salt.length < SALT_LENGTH || payload === undefined) {
    throw new CheckError(`event ${event.eventId}: what opens is no salt and canonical JSON`);
  }
  if (!equalBytes(plainHash(payload, salt), event.payloadPlainHash)) {
    throw new CheckError(
      `event ${event.eventId}: what opens is not the payload whose payload_plain_hash was signed`,
    );
  }
  return { payload, salt };
}

function canonical(bytes: Uint8Array): Json | undefined {
  try {
    const value: Json = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
    return equalBytes(canonicalJson("payload", value), bytes) ? value : undefined;
  } catch {
    return undefined;
  }
}

const gcm = (iv: Uint8Array, additionalData: Uint8Array) => ({
  name: "AES-GCM",
  iv: owned(iv),
  additionalData: owned(additionalData),
});

/** A copy in a buffer of its own, which is what WebCrypto takes; bytes may be a view of something larger. */
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
