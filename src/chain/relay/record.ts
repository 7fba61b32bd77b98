import { z } from "zod";
import { uintField } from "../../core/json.ts";
import { addressField, decimalField, hexTextField } from "../fields.ts";
import { proofFileText } from "../proof-file.ts";

/**
 * The life of a submission. Each step is on the disk before the next is taken.
 *
 * `accepted` -> `signed` (the signer vouches for it) -> `prepared` (a transaction is signed) -> `sent` -> `mined` -> `final`
 * or `failed`. A reorganisation leads from `mined` back to `sent`; a transaction that cannot land any more leads back to
 * `accepted`.
 */
export const STATES = [
  "accepted",
  "signed",
  "prepared",
  "sent",
  "mined",
  "final",
  "failed",
  "cancelled",
] as const;
export type SubmissionState = (typeof STATES)[number];

const hash = hexTextField(32);
const milliseconds = uintField(Number.MAX_SAFE_INTEGER);

const attempt = z.strictObject({
  hash,
  /** The signed transaction; dropped once the submission has ended, but for the one that landed. */
  raw: z.string(),
  maxFeePerGas: decimalField,
  maxPriorityFeePerGas: decimalField,
  gasLimit: decimalField,
  signer: addressField,
  at: milliseconds,
});

const inclusion = z.strictObject({
  hash,
  blockNumber: uintField(Number.MAX_SAFE_INTEGER),
  blockHash: hash,
  succeeded: z.boolean(),
  /** What the verifier recorded; absent when the transaction reverted. */
  verified: z.boolean().optional(),
  /** Wei paid for gas. */
  cost: decimalField,
  /** Absent in journals from before it was kept. */
  gasUsed: decimalField.optional(),
});

/** One submission as the journal keeps it: every line holds one whole. */
export const submissionRecord = z.strictObject({
  version: z.literal(1),
  id: z.string(),
  /** The client's Idempotency-Key. */
  key: z.string(),
  /** SHA-256 of the request, to tell a repetition from another request under the same key. */
  digest: z.string(),
  statement: proofFileText,
  state: z.enum(STATES),
  createdAt: milliseconds,
  updatedAt: milliseconds,
  /** What the signer vouched for: `nonce` is its keyed nonce in the verifier contract. */
  vouched: z
    .strictObject({
      signer: addressField,
      lane: uintField(1_023),
      nonce: decimalField,
      signature: z.string(),
    })
    .optional(),
  /** The sender's account nonce that this submission holds, and every transaction ever signed for it. */
  account: z
    .strictObject({ nonce: uintField(Number.MAX_SAFE_INTEGER), attempts: z.array(attempt) })
    .optional(),
  /** Hashes signed for account nonces that were used up without this submission's success. */
  past: z.array(hash),
  inclusion: inclusion.optional(),
  failure: z.strictObject({ cause: z.string(), detail: z.string() }).optional(),
  /** Wei paid by landed transactions, for the limit on spending. */
  spent: z.array(z.strictObject({ at: milliseconds, wei: decimalField })),
});

type Stored = z.infer<typeof submissionRecord>;
export type Attempt = z.infer<typeof attempt>;
export type Inclusion = z.infer<typeof inclusion>;

export type SubmissionRecord = Readonly<Stored>;

/** Why an unfinished submission does not go on right now. Not kept in the journal: it is found out again. */
export interface Waiting {
  /** One of a fixed set, see docs/relayer.md. */
  readonly cause: WaitCause;
  readonly detail: string;
}

export const WAIT_CAUSES = [
  "behind-another",
  "batch-not-mature",
  "paused",
  "signer-not-authorised",
  "circuit-version-not-active",
  "nonce",
  "fee-cap",
  "spending-limit",
  "low-balance",
  "rpc",
  "node-refused",
  "refused",
] as const;
export type WaitCause = (typeof WAIT_CAUSES)[number];

const ENDED: readonly SubmissionState[] = ["final", "failed", "cancelled"];

/** Whether nothing will happen to it any more. */
export const isEnded = ({ state }: SubmissionRecord): boolean => ENDED.includes(state);

/** Whether it holds an account nonce that has not been settled. */
export const isInFlight = (record: SubmissionRecord): boolean =>
  record.account !== undefined && !isEnded(record);

/** Wei that a signed transaction costs at most. */
export function worstCase({ gasLimit, maxFeePerGas }: Pick<Attempt, "gasLimit" | "maxFeePerGas">): bigint {
  return BigInt(gasLimit) * BigInt(maxFeePerGas);
}
