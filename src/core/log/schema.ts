import { z } from "zod";
import { SCALAR_ORDER } from "../bn254.ts";
import { uintFromBytes } from "../bytes.ts";
import {
  base64urlField,
  canonicalText,
  hexField,
  type Json,
  textField,
  u64Field,
  uintField,
  uuidField,
} from "../json.ts";
import type { EncryptedPayload, VesVersion } from "./event.ts";

const U32_MAX = 2 ** 32 - 1;
const TIME_FORM = "an RFC 3339 time with T and Z or an offset, e.g. 2026-01-30T12:00:00Z";
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;
const calendar = z.iso.datetime({ offset: true });

const timeField = z
  .string({ error: TIME_FORM })
  .refine((text) => TIME.test(text) && calendar.safeParse(text).success, { error: TIME_FORM });

/** Read back from its canonical form: whatever came in, what is kept is JSON and hashes the same. */
const payloadField = z.unknown().transform((value, context): Json => {
  try {
    return JSON.parse(canonicalText("payload", value as Json));
  } catch {
    context.issues.push({ code: "custom", message: "a value that has a canonical JSON form", input: value });
    return z.NEVER;
  }
});

const fixed = <T extends string | number>(value: T) => z.literal(value, { error: JSON.stringify(value) });

const recipient = z
  .strictObject({
    recipient_kid: uintField(U32_MAX),
    enc_b64u: base64urlField(32),
    ct_b64u: base64urlField(48),
  })
  .transform(({ recipient_kid, enc_b64u, ct_b64u }) => ({
    recipientKid: recipient_kid,
    enc: enc_b64u,
    ct: ct_b64u,
  }));

const ASCENDING = "at least one recipient, in ascending order of recipient_kid, none twice";

const encryptedField = z
  .strictObject({
    enc_version: fixed(1),
    aead: fixed("AES-256-GCM"),
    nonce_b64u: base64urlField(12),
    ciphertext_b64u: base64urlField(),
    tag_b64u: base64urlField(16),
    hpke: z.strictObject({
      mode: fixed("base"),
      kem: fixed("X25519-HKDF-SHA256"),
      kdf: fixed("HKDF-SHA256"),
      aead: fixed("AES-256-GCM"),
    }),
    recipients: z
      .array(recipient, { error: ASCENDING })
      .min(1, { error: ASCENDING })
      .refine((all) => all.every((one, i) => i === 0 || (all[i - 1]?.recipientKid ?? 0) < one.recipientKid), {
        error: ASCENDING,
      }),
  })
  .transform(
    ({ nonce_b64u, ciphertext_b64u, tag_b64u, recipients }): EncryptedPayload => ({
      nonce: nonce_b64u,
      ciphertext: ciphertext_b64u,
      tag: tag_b64u,
      recipients,
    }),
  );

/** Versions 1 and 2 write a u64 as a number, as upstream; our version 3 as a decimal string. */
export const u64Of = (version: VesVersion) =>
  version === 3 ? u64Field : uintField(Number.MAX_SAFE_INTEGER).transform(BigInt);

const factsCommitmentOf = (version: VesVersion) =>
  version === 3
    ? hexField(32).refine((bytes) => uintFromBytes(bytes) < SCALAR_ORDER, {
        error: "a number below the BN254 scalar order",
      })
    : z.undefined({ error: `no such field in version ${version}` });

const fieldsOf = (version: VesVersion) => ({
  ves_version: fixed(version),
  event_id: uuidField,
  tenant_id: uuidField,
  store_id: uuidField,
  source_agent_id: uuidField,
  agent_key_id: uintField(U32_MAX),
  entity_type: textField,
  entity_id: textField,
  event_type: textField,
  created_at: timeField,
  command_id: uuidField.optional(),
  base_version: u64Of(version).optional(),
  facts_commitment: factsCommitmentOf(version).optional(),
  payload_plain_hash: hexField(32),
  payload_cipher_hash: hexField(32),
  agent_signature: hexField(64),
});

/** The schema of a plain event's JSON in one version. */
export const plainEventSchema = (version: VesVersion) =>
  z.strictObject({ ...fieldsOf(version), payload_kind: fixed(0), payload: payloadField });

/** The schema of an encrypted event's JSON in one version. */
export const sealedEventSchema = (version: VesVersion) =>
  z.strictObject({ ...fieldsOf(version), payload_kind: fixed(1), payload_encrypted: encryptedField });
