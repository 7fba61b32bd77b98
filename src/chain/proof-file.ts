import { z } from "zod";
import { addressField, hexTextField } from "./fields.ts";
import { proofHash, type Submission } from "./submission.ts";

/** An unsigned integer of `bits` bits in decimal text. */
const decimal = (bits: number) => {
  const error = `a decimal integer below 2^${bits}`;
  return z
    .string({ error })
    .refine((text) => /^\d{1,78}$/.test(text) && BigInt(text) >> BigInt(bits) === 0n, { error });
};

const coordinate = decimal(256);
const pair = z.tuple([coordinate, coordinate], { error: "two decimal integers" });

const fileOf = <T extends z.ZodType>(uint: (bits: number) => T) =>
  z.strictObject({
    version: z.literal(1, { error: "1" }),
    chainId: uint(256),
    verifier: addressField,
    claim: z.strictObject({
      policyId: uint(256),
      streamId: hexTextField(32),
      agentId: hexTextField(16),
      batchIndex: uint(64),
      end: uint(64),
      matureAt: uint(64),
      factsRoot: hexTextField(32),
      circuitVersion: uint(32),
      submitter: addressField,
      deadline: uint(64),
    }),
    proof: z.strictObject({
      a: pair,
      b: z.tuple([pair, pair], { error: "two pairs of decimal integers" }),
      c: pair,
    }),
  });

/** A proof file as it stands in JSON, integers in decimal text. */
export const proofFileText = fileOf(decimal);
export type ProofFileText = z.output<typeof proofFileText>;

/** A proof file, as `hardhat prove` writes it, read. */
export const proofFile = fileOf((bits) => decimal(bits).transform(BigInt));

/** A proof and what it is about: everything of a submission that the prover knows, nothing of the facts. */
export type ProofFile = z.output<typeof proofFile>;

/** The submission a signer is to vouch for. */
export function submissionOf(file: ProofFile, nonce: bigint): Submission {
  return { ...file.claim, nonce, proofHash: proofHash(file.proof) };
}
