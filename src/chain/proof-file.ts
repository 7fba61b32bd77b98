import { z } from "zod";
import { addressField, decimalField, hexTextField } from "./fields.ts";
import { proofHash, type Submission } from "./submission.ts";

const decimal = decimalField.transform(BigInt);
const pair = z.tuple([decimalField, decimalField], { error: "two decimal integers" });

/** A proof file, as `hardhat prove` writes it. */
export const proofFile = z.strictObject({
  version: z.literal(1, { error: "1" }),
  chainId: decimal,
  verifier: addressField,
  claim: z.strictObject({
    policyId: decimal,
    streamId: hexTextField(32),
    agentId: hexTextField(16),
    batchIndex: decimal,
    end: decimal,
    matureAt: decimal,
    factsRoot: hexTextField(32),
    circuitVersion: decimal,
    submitter: addressField,
    deadline: decimal,
  }),
  proof: z.strictObject({
    a: pair,
    b: z.tuple([pair, pair], { error: "two pairs of decimal integers" }),
    c: pair,
  }),
});

/** A proof and what it is about: everything of a submission that the prover knows, nothing of the facts. */
export type ProofFile = z.output<typeof proofFile>;

/** The submission a signer is to vouch for. */
export function submissionOf(file: ProofFile, nonce: bigint): Submission {
  return { ...file.claim, nonce, proofHash: proofHash(file.proof) };
}
