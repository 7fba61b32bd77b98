import { z } from "zod";

/** A value that went into or came out of a transition; `value` is Leo text, a ciphertext or, for a record, `record1…`. */
const io = z.looseObject({
  type: z.string(),
  id: z.string(),
  value: z.string().optional(),
});

export const transitionSchema = z.looseObject({
  id: z.string(),
  program: z.string(),
  function: z.string(),
  inputs: z.array(io).default([]),
  outputs: z.array(io).default([]),
});

const feeSchema = z.looseObject({ transition: transitionSchema });

export const transactionSchema = z.looseObject({
  type: z.enum(["execute", "deploy", "fee"]),
  id: z.string(),
  execution: z.looseObject({ transitions: z.array(transitionSchema) }).optional(),
  deployment: z.looseObject({ edition: z.number(), program: z.string() }).optional(),
  owner: z.looseObject({ address: z.string() }).optional(),
  fee: feeSchema.nullish(),
});

/** What a finalize step did to a mapping; ids are hashes, the values themselves are not in a block. */
const operation = z.looseObject({
  type: z.string(),
  mapping_id: z.string().optional(),
  key_id: z.string().optional(),
  value_id: z.string().optional(),
});

export const confirmedSchema = z.looseObject({
  status: z.enum(["accepted", "rejected"]),
  type: z.enum(["execute", "deploy"]),
  index: z.number(),
  transaction: transactionSchema,
  /** Of a rejected transaction: what it would have done; its fee was taken all the same. */
  rejected: z
    .looseObject({
      type: z.string(),
      execution: z.looseObject({ transitions: z.array(transitionSchema) }).optional(),
      deployment: z.looseObject({ edition: z.number(), program: z.string() }).optional(),
    })
    .optional(),
  finalize: z.array(operation).default([]),
});

export const blockSchema = z.looseObject({
  block_hash: z.string(),
  previous_hash: z.string(),
  header: z.looseObject({
    metadata: z.looseObject({
      network: z.number(),
      height: z.number().int().nonnegative(),
      timestamp: z.number(),
    }),
  }),
  transactions: z.array(confirmedSchema).default([]),
});

export type Transition = z.infer<typeof transitionSchema>;
export type Transaction = z.infer<typeof transactionSchema>;
export type ConfirmedTransaction = z.infer<typeof confirmedSchema>;
export type Block = z.infer<typeof blockSchema>;

/** A block's height. */
export function heightOf(block: Block): number {
  return block.header.metadata.height;
}

/** A block's time, in seconds since 1970. */
export function timeOf(block: Block): number {
  return block.header.metadata.timestamp;
}

/** What was executed, or for a rejected transaction would have been. The first called the others; it stands last. */
export function transitionsOf(confirmed: ConfirmedTransaction): Transition[] {
  return confirmed.rejected?.execution?.transitions ?? confirmed.transaction.execution?.transitions ?? [];
}
