import { z } from "zod";
import { addressField, decimalField, hexTextField } from "../../src/chain/fields.ts";
import { writeFileDurably } from "../../src/chain/files.ts";
import { proofHash, type Submission } from "../../src/chain/submission.ts";
import { CheckError } from "../../src/core/errors.ts";
import { readFields, stringifyJson } from "../../src/core/json.ts";
import { readJsonInput } from "../support/values.ts";

const decimal = decimalField.transform(BigInt);
const pair = z.tuple([decimalField, decimalField], { error: "two decimal integers" });

const proofFile = z.strictObject({
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
export type ProofFile = z.infer<typeof proofFile>;

/** Writes a proof file. */
export function writeProofFile(path: string, file: ProofFile): void {
  writeFileDurably(path, `${stringifyJson(file, 2)}\n`);
}

/** Reads a proof file; InputError when it is not one. */
export function readProofFile(path: string): ProofFile {
  return readFields(proofFile, readJsonInput("--proof", path), path, "make it with: npx hardhat prove");
}

/** The submission a signer is to vouch for. */
export function submissionOf(file: ProofFile, nonce: bigint): Submission {
  return { ...file.claim, nonce, proofHash: proofHash(file.proof) };
}

/** Refuses a proof file that was made for another chain or another verifier. */
export function requireSameVerifier(path: string, file: ProofFile, chainId: bigint, verifier: string): void {
  if (file.chainId !== chainId || file.verifier !== verifier) {
    throw new CheckError(
      `${path}: expected a proof for verifier ${verifier} on chain ${chainId}, ` +
        `got one for ${file.verifier} on chain ${file.chainId}`,
    );
  }
}
