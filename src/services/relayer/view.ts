import { z } from "zod";
import { STATES, type SubmissionRecord, WAIT_CAUSES, type Waiting } from "../../chain/relay/record.ts";

const transaction = z.object({
  hash: z.string(),
  nonce: z.int(),
  maxFeePerGas: z.string().meta({ description: "Wei a unit of gas" }),
  maxPriorityFeePerGas: z.string().meta({ description: "Wei a unit of gas" }),
  signedAt: z.string(),
});

/** A submission as clients see it. */
export const submissionView = z
  .object({
    id: z.string(),
    idempotencyKey: z.string(),
    state: z.enum(STATES),
    waiting: z
      .object({ cause: z.enum(WAIT_CAUSES), detail: z.string() })
      .optional()
      .meta({ description: "Why it does not go on right now" }),
    failure: z
      .object({ cause: z.string(), detail: z.string() })
      .optional()
      .meta({ description: "`cause` is the contract's error by name, where there is one" }),
    claim: z.object({
      policyId: z.string(),
      streamId: z.string(),
      agentId: z.string(),
      batchIndex: z.string(),
      circuitVersion: z.string(),
      deadline: z.string(),
    }),
    signer: z.string().optional(),
    transactions: z
      .array(transaction)
      .meta({ description: "All have one account nonce, so at most one of them lands" }),
    landed: z
      .object({ transactionHash: z.string(), blockNumber: z.int(), blockHash: z.string(), cost: z.string() })
      .optional(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: "Submission", description: "A proof on its way to the chain" });

export type SubmissionView = z.infer<typeof submissionView>;

export function viewOf(record: SubmissionRecord, waiting: Waiting | undefined): SubmissionView {
  const { policyId, streamId, agentId, batchIndex, circuitVersion, deadline } = record.statement.claim;
  const { id, key, state, failure, vouched, account, inclusion } = record;
  return {
    id,
    idempotencyKey: key,
    state,
    ...(waiting === undefined ? {} : { waiting: { cause: waiting.cause, detail: waiting.detail } }),
    ...(failure === undefined ? {} : { failure }),
    claim: { policyId, streamId, agentId, batchIndex, circuitVersion, deadline },
    ...(vouched === undefined ? {} : { signer: vouched.signer }),
    transactions: (account?.attempts ?? []).map(({ hash, maxFeePerGas, maxPriorityFeePerGas, at }) => ({
      hash,
      nonce: account?.nonce ?? 0,
      maxFeePerGas,
      maxPriorityFeePerGas,
      signedAt: utc(at),
    })),
    ...(inclusion === undefined
      ? {}
      : {
          landed: {
            transactionHash: inclusion.hash,
            blockNumber: inclusion.blockNumber,
            blockHash: inclusion.blockHash,
            cost: inclusion.cost,
          },
        }),
    createdAt: utc(record.createdAt),
    updatedAt: utc(record.updatedAt),
  };
}

const utc = (milliseconds: number): string => new Date(milliseconds).toISOString();
