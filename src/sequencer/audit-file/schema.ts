import { z } from "zod";
import { hexTextField } from "../../chain/fields.ts";
import { SCALAR_ORDER } from "../../core/bn254.ts";
import { hexField, textField, u64Field, uintField, uuidField } from "../../core/json.ts";

/** The order of BN254's base field, below which a coordinate's one spelling lies. */
const BASE_FIELD_ORDER = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;
const U32_MAX = 2 ** 32 - 1;

const decimalBelow = (limit: bigint, form: string) =>
  z
    .string({ error: form })
    .refine((text) => /^(0|[1-9]\d{0,77})$/.test(text) && BigInt(text) < limit, { error: form })
    .transform(BigInt);

const coordinate = decimalBelow(
  BASE_FIELD_ORDER,
  "a coordinate: a decimal integer below the base field's order",
);
const element = decimalBelow(SCALAR_ORDER, "a field element: a decimal integer below the BN254 scalar order");
const pair = z.tuple([coordinate, coordinate], { error: "two coordinates" });
const twisted = z.tuple([pair, pair], { error: "two pairs of coordinates, imaginary part first" });

const BOUND_FORM = "a decimal integer below 2^100 in size";
const bound = z
  .string({ error: BOUND_FORM })
  .refine((text) => /^(0|-?[1-9]\d{0,30})$/.test(text), { error: BOUND_FORM })
  .transform(BigInt);
const weight = z.int({ error: "an integer of 32 bits" });
const sequenceField = u64Field.refine((n) => n >= 1n, { error: "1 or more" });
const path = z.array(hexField(32)).max(64, { error: "at most 64 nodes" });

const leafField = z.strictObject({ signing_hash: hexField(32), agent_signature: hexField(64) });

/** One entry of the log: the event whole, or what its leaf is made of; its path to the checkpoint and in its batch. */
const entry = z
  .strictObject({
    sequence_number: sequenceField,
    /** The signed event without its place; `parseEvent` reads it. */
    event: z.record(z.string(), z.unknown(), { error: "a signed event" }).optional(),
    leaf: leafField.optional(),
    /** `receiptToJson`. */
    receipt: z.record(z.string(), z.unknown(), { error: "a receipt" }).optional(),
    log_path: path,
    batch_path: path.optional(),
  })
  .refine(({ event, leaf }) => (event === undefined) !== (leaf === undefined), {
    error: "either event or leaf",
  })
  .refine(({ event, receipt }) => receipt === undefined || event !== undefined, {
    error: "a receipt only beside its event",
  });

const anchor = z.strictObject({
  chain_id: u64Field,
  registry: hexField(20),
  transaction_hash: hexField(32),
  block_number: u64Field,
  block_hash: hexField(32),
  /** The batch's position on chain, and when its facts root counts (unix s). */
  batch_index: u64Field,
  mature_at: u64Field,
});

const batch = z.strictObject({
  start_sequence: sequenceField,
  end_sequence: sequenceField,
  previous_state_root: hexField(32),
  batch_root: hexField(32),
  facts_root: hexField(32),
  log_root: hexField(32),
  state_root: hexField(32),
  /** Between the log at the batch's end and the checkpoint's, whichever is the smaller first. */
  log_consistency: path,
  anchor: anchor.optional(),
});

const factsPath = z
  .array(z.array(element).length(8, { error: "eight children" }))
  .length(6, { error: "six levels" });

const compliance = z.strictObject({
  agent_id: uuidField,
  policy_id: u64Field,
  policy: z.strictObject({
    weights: z.array(weight).length(4, { error: "four weights" }),
    lower: bound,
    upper: bound,
    category_mask: u64Field,
  }),
  /** End of the batch whose facts root the proof is about. */
  batch_end: sequenceField,
  context: z.strictObject({
    chain_id: u64Field,
    verifier: hexTextField(20),
    circuit_version: uintField(U32_MAX),
    submitter: hexTextField(20),
    deadline: u64Field,
  }),
  /** In the circuit's order. */
  public_signals: z.array(element).length(4, { error: "four public signals" }),
  proof: z.strictObject({ a: pair, b: twisted, c: pair }),
  verifying_key: z.strictObject({
    alpha: pair,
    beta: twisted,
    gamma: twisted,
    delta: twisted,
    ic: z.array(pair).length(5, { error: "five points" }),
  }),
  verifying_key_hash: hexField(32),
  /** Which entries of the file are in that facts tree. */
  facts: z.array(z.strictObject({ sequence_number: sequenceField, path: factsPath })),
});

/** The auditor's file, version 1 (docs/formats.md). Every field is checked by `checkAudit`, or it says that it is not. */
export const auditSchema = z.strictObject({
  proofx_audit: z.literal(1, { error: "1" }),
  tenant_id: uuidField,
  store_id: uuidField,
  checkpoint: z.strictObject({
    /** The signed note without cosignatures. */
    note: textField,
    /** Signature lines of witnesses, without newlines. */
    cosignatures: z.array(textField),
  }),
  /** What the audit is about, ascending. */
  entries: z.array(entry).min(1, { error: "at least one entry" }),
  /** The registrar's events that say whose keys sign the entries and receipts, ascending. */
  foundations: z.array(entry),
  batches: z.array(batch),
  compliance: z.array(compliance),
});

/** A file's text, read: bytes where it has hex, bigints where it has decimals. */
export type AuditFile = z.output<typeof auditSchema>;
/** A file as JSON. */
export type AuditJson = z.input<typeof auditSchema>;
export type AuditEntry = AuditFile["entries"][number];
export type AuditBatch = AuditFile["batches"][number];
export type AuditAnchor = z.output<typeof anchor>;
export type AuditCompliance = AuditFile["compliance"][number];
