import { z } from "zod";
import { readFields } from "../../core/json.ts";

// What of a block, as nodes answer it, a replay reads. Unknown members are left alone: nodes add some over time.

const output = z.object({ type: z.string(), value: z.string().optional() });

const transition = z.object({
  id: z.string(),
  program: z.string(),
  function: z.string(),
  outputs: z.array(output).default([]),
});

const operation = z.object({
  type: z.string(),
  mapping_id: z.string().optional(),
  key_id: z.string().optional(),
});

const deployment = z.object({
  edition: z.int().nonnegative(),
  program: z.string(),
  program_checksum: z.array(z.string()).nullish(),
  program_owner: z.string().nullish(),
});

const confirmed = z.object({
  status: z.enum(["accepted", "rejected"]),
  type: z.string(),
  transaction: z.object({
    id: z.string(),
    type: z.string(),
    owner: z.object({ address: z.string() }).optional(),
    deployment: deployment.optional(),
    execution: z.object({ transitions: z.array(transition) }).optional(),
  }),
  finalize: z.array(operation).default([]),
});

const block = z.object({
  block_hash: z.string(),
  previous_hash: z.string(),
  header: z.object({
    metadata: z.object({
      network: z.int().nonnegative(),
      height: z.int().nonnegative(),
      timestamp: z.int(),
    }),
  }),
  transactions: z.array(confirmed),
});

/** A block, as far as a replay reads it. */
export type Block = z.output<typeof block>;
/** A transaction of a block: accepted, or rejected with its fee taken. */
export type ConfirmedTransaction = Block["transactions"][number];
/** A change that the ledger says a transaction made, its mapping and key hashed. */
export type FinalizeOperation = ConfirmedTransaction["finalize"][number];

/** Reads a block that a node answered. @throws InputError naming the first fault. */
export function readBlock(value: unknown, where: string): Block {
  return readFields(block, value, where);
}
