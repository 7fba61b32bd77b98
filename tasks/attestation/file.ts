import { z } from "zod";
import { writeFileDurably } from "../../src/chain/files.ts";
import { proofHash, type Submission } from "../../src/chain/submission.ts";
import { CheckError, InputError } from "../../src/core/errors.ts";
import { toJson } from "../support/task.ts";
import { readJsonInput } from "../support/values.ts";

const decimal = z.string().regex(/^\d+$/).transform(BigInt);
const hex = (bytes: number) => z.string().regex(new RegExp(`^0x[0-9a-f]{${2 * bytes}}$`));
const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/);
const coordinate = z.string().regex(/^\d+$/);
const pair = z.tuple([coordinate, coordinate]);

const proofFile = z.strictObject({
  version: z.literal(1),
  chainId: decimal,
  verifier: address,
  claim: z.strictObject({
    policyId: decimal,
    streamId: hex(32),
    agentId: hex(16),
    batchIndex: decimal,
    end: decimal,
    matureAt: decimal,
    factsRoot: hex(32),
    circuitVersion: decimal,
    submitter: address,
    deadline: decimal,
  }),
  proof: z.strictObject({ a: pair, b: z.tuple([pair, pair]), c: pair }),
});

/** A proof and what it is about: everything of a submission that the prover knows, nothing of the facts. */
export type ProofFile = z.infer<typeof proofFile>;

/** Writes a proof file. */
export function writeProofFile(path: string, file: ProofFile): void {
  writeFileDurably(path, `${toJson(file)}\n`);
}

/** Reads a proof file; InputError when it is not one. */
export function readProofFile(path: string): ProofFile {
  const result = proofFile.safeParse(readJsonInput("--proof", path));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new InputError(`${path}: ${issue?.path.join(".")}: ${issue?.message}`, {
    next: "make it with: npx hardhat prove",
  });
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
