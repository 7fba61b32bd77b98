import { z } from "zod";
import { equalBytes, requireLength, toHex } from "../bytes.ts";
import { CheckError, InputError } from "../errors.ts";
import { canonicalJson, hexField, readJson, u64Field, uintField, uuidField } from "../json.ts";
import type { Json } from "../json-value.ts";
import { preimage } from "../preimage.ts";
import { sha256 } from "../sha256.ts";
import type { EventSigner } from "./build.ts";
import type { SequencedEvent, VesEvent } from "./event.ts";
import { verifyEd25519 } from "./signature.ts";
import { signingHash } from "./signing.ts";

const U32_MAX = 2 ** 32 - 1;

/** The sequencer's signed word that an event has its place in its stream. */
export interface Receipt {
  /** UUIDs; tenant and store name the stream. */
  readonly eventId: string;
  readonly tenantId: string;
  readonly storeId: string;
  /** From 1. */
  readonly sequence: bigint;
  /** Milliseconds since the epoch. */
  readonly sequencedAt: bigint;
  /** The event's, 32 bytes. */
  readonly signingHash: Uint8Array;
  /** 32 bytes. */
  readonly receiptHash: Uint8Array;
  /** Which of the sequencer's receipt keys signed; u32. */
  readonly receiptKeyId: number;
  /** Ed25519 over `receiptMessage`, 64 bytes. */
  readonly receiptSignature: Uint8Array;
}

/** What a receipt says, before it is signed. */
export type ReceiptStatement = Pick<Receipt, "eventId" | "tenantId" | "storeId" | "sequence" | "signingHash">;

/**
 * `H("VES_RECEIPT_V1" || U tenant || U store || U event || u64 sequence || signing hash)`.
 *
 * @throws InputError for sequence 0: sequences start at 1.
 */
export function receiptHash(statement: ReceiptStatement): Uint8Array {
  if (statement.sequence < 1n) throw InputError.expected("sequence_number", "1 or more", statement.sequence);
  return preimage("VES_RECEIPT_V1")
    .uuid("tenant_id", statement.tenantId)
    .uuid("store_id", statement.storeId)
    .uuid("event_id", statement.eventId)
    .u64("sequence_number", statement.sequence)
    .bytes("signing_hash", statement.signingHash, 32)
    .digest();
}

/**
 * The fields that the event's version leaves unsigned, as its JSON has them: of version 1 `command_id` and
 * `base_version`, of later versions none.
 */
export function unsignedFields({ vesVersion, commandId, baseVersion }: VesEvent): Record<string, Json> {
  if (vesVersion !== 1) return {};
  return {
    ...(commandId === undefined ? {} : { command_id: commandId }),
    ...(baseVersion === undefined ? {} : { base_version: Number(baseVersion) }),
  };
}

/**
 * The 32 bytes that the receipt key signs: with the event's place also when, and what its agent left unsigned, so that
 * nothing that is kept is covered by nothing.
 *
 * @param hash The receipt hash.
 * @param sequencedAt Milliseconds since the epoch.
 * @param unsigned As `unsignedFields` gives them.
 */
export function receiptMessage(
  hash: Uint8Array,
  sequencedAt: bigint,
  unsigned: Readonly<Record<string, Json>>,
): Uint8Array {
  const empty = Object.keys(unsigned).length === 0;
  return preimage("PROOFX_RECEIPT_V1")
    .bytes("receipt_hash", hash, 32)
    .u64("sequenced_at", sequencedAt)
    .bytes("unsigned fields", empty ? NO_FIELDS : sha256(canonicalJson("unsigned fields", unsigned)))
    .digest();
}

/** Hash of `{}`: later versions leave nothing unsigned. */
const NO_FIELDS = sha256(canonicalJson("unsigned fields", {}));

/** Signs a receipt and checks it as its receiver would. @throws CheckError when the signer's answer does not hold. */
export async function buildReceipt(
  { sequence, event }: SequencedEvent,
  { sequencedAt, keyId, signer }: { sequencedAt: bigint; keyId: number; signer: EventSigner },
): Promise<Receipt> {
  const { eventId, tenantId, storeId } = event;
  const statement = { eventId, tenantId, storeId, sequence, signingHash: signingHash(event) };
  const hash = receiptHash(statement);
  const message = receiptMessage(hash, sequencedAt, unsignedFields(event));
  const receipt: Receipt = {
    ...statement,
    sequencedAt,
    receiptHash: hash,
    receiptKeyId: keyId,
    receiptSignature: requireLength("receipt_signature", await signer.sign(message), 64),
  };
  verifyReceipt(receipt, event, new Map([[keyId, signer.publicKey]]));
  return receipt;
}

/**
 * Checks that a receipt is the sequencer's, and about this very event.
 *
 * @param event As it was sent, or as the log gives it back.
 * @param keys The sequencer's published receipt keys by id, 32 bytes each.
 * @throws CheckError naming what does not hold.
 */
export function verifyReceipt(
  receipt: Receipt,
  event: VesEvent,
  keys: ReadonlyMap<number, Uint8Array>,
): void {
  const fault = (what: string) => new CheckError(`receipt of event ${event.eventId}: ${what}`);
  for (const name of ["eventId", "tenantId", "storeId"] as const) {
    if (receipt[name] !== event[name]) throw fault(`${name} is ${receipt[name]}, another event's`);
  }
  if (!equalBytes(receipt.signingHash, signingHash(event)))
    throw fault("signing_hash is that of another content");
  if (!equalBytes(receipt.receiptHash, receiptHash(receipt)))
    throw fault("receipt_hash is not that of its fields");
  const key = keys.get(receipt.receiptKeyId);
  if (key === undefined) throw fault(`receipt key ${receipt.receiptKeyId} is unknown`);
  const message = receiptMessage(receipt.receiptHash, receipt.sequencedAt, unsignedFields(event));
  if (!verifyEd25519(receipt.receiptSignature, message, key))
    throw fault(`receipt_signature does not hold under receipt key ${receipt.receiptKeyId}`);
}

const TIME_FORM = "an RFC 3339 time in UTC with milliseconds, e.g. 2026-01-30T12:00:00.125Z";
const timeField = z
  .string({ error: TIME_FORM })
  .refine(isTime, { error: TIME_FORM })
  .transform((text) => BigInt(Date.parse(text)));

const receiptSchema = z.strictObject({
  event_id: uuidField,
  tenant_id: uuidField,
  store_id: uuidField,
  sequence_number: u64Field.refine((n) => n >= 1n, { error: "1 or more" }),
  sequenced_at: timeField,
  signing_hash: hexField(32),
  receipt_hash: hexField(32),
  receipt_key_id: uintField(U32_MAX),
  receipt_signature: hexField(64),
});

/** Reads a receipt's JSON. Form only: `verifyReceipt` checks it. @throws InputError `path: expected X, got Y`. */
export function parseReceipt(json: unknown, path = "$"): Receipt {
  const wire = readJson(receiptSchema, json, path);
  return {
    eventId: wire.event_id,
    tenantId: wire.tenant_id,
    storeId: wire.store_id,
    sequence: wire.sequence_number,
    sequencedAt: wire.sequenced_at,
    signingHash: wire.signing_hash,
    receiptHash: wire.receipt_hash,
    receiptKeyId: wire.receipt_key_id,
    receiptSignature: wire.receipt_signature,
  };
}

/** A receipt as JSON; what `parseReceipt` reads. */
export function receiptToJson(receipt: Receipt): Readonly<Record<string, Json>> {
  return {
    event_id: receipt.eventId,
    tenant_id: receipt.tenantId,
    store_id: receipt.storeId,
    sequence_number: receipt.sequence.toString(),
    sequenced_at: new Date(Number(receipt.sequencedAt)).toISOString(),
    signing_hash: toHex(receipt.signingHash),
    receipt_hash: toHex(receipt.receiptHash),
    receipt_key_id: receipt.receiptKeyId,
    receipt_signature: toHex(receipt.receiptSignature),
  };
}

/** One spelling only, and no time before the epoch. */
function isTime(text: string): boolean {
  const time = Date.parse(text);
  return time >= 0 && /^\d{4}-/.test(text) && new Date(time).toISOString() === text;
}
