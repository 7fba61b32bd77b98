import { AbiCoder, keccak256, type Signer, TypedDataEncoder } from "ethers";

/** What a signer vouches for; the fields of `Submission` in IProofXVerifier.sol. Integers are bigints, bytes are 0x hex. */
export interface Submission {
  readonly policyId: bigint;
  readonly streamId: string;
  readonly agentId: string;
  readonly batchIndex: bigint;
  readonly end: bigint;
  readonly matureAt: bigint;
  readonly factsRoot: string;
  readonly circuitVersion: bigint;
  readonly proofHash: string;
  readonly submitter: string;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** A Groth16 proof as the contract takes it (`Proof` in IGroth16Verifier.sol); coordinates as decimal strings. */
export interface SolidityProof {
  readonly a: readonly [string, string];
  readonly b: readonly [readonly [string, string], readonly [string, string]];
  readonly c: readonly [string, string];
}

/** EIP-712 types of a submission (docs/formats.md). */
export const SUBMISSION_TYPES = {
  Submission: [
    { name: "policyId", type: "uint256" },
    { name: "streamId", type: "bytes32" },
    { name: "agentId", type: "bytes16" },
    { name: "batchIndex", type: "uint64" },
    { name: "end", type: "uint64" },
    { name: "matureAt", type: "uint64" },
    { name: "factsRoot", type: "bytes32" },
    { name: "circuitVersion", type: "uint32" },
    { name: "proofHash", type: "bytes32" },
    { name: "submitter", type: "address" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint64" },
  ],
};

/** EIP-712 domain of a deployed verifier. */
export function submissionDomain(chainId: bigint, verifier: string) {
  return { name: "ProofX", version: "1", chainId, verifyingContract: verifier };
}

/** `keccak256(abi.encode(proof))`. */
export function proofHash(proof: SolidityProof): string {
  return keccak256(
    AbiCoder.defaultAbiCoder().encode(
      ["tuple(uint256[2] a, uint256[2][2] b, uint256[2] c)"],
      [[proof.a, proof.b, proof.c]],
    ),
  );
}

/** Digest a signer signs, to compare with the contract's `submissionDigest`. */
export function submissionDigest(chainId: bigint, verifier: string, submission: Submission): string {
  return TypedDataEncoder.hash(submissionDomain(chainId, verifier), SUBMISSION_TYPES, submission);
}

/** Signs a submission; 65 bytes as 0x hex. */
export function signSubmission(
  signer: Signer,
  chainId: bigint,
  verifier: string,
  submission: Submission,
): Promise<string> {
  return signer.signTypedData(submissionDomain(chainId, verifier), SUBMISSION_TYPES, submission);
}
