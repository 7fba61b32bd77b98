import { writeFileDurably } from "../../src/chain/files.ts";
import { type ProofFile, proofFile } from "../../src/chain/proof-file.ts";
import { CheckError } from "../../src/core/errors.ts";
import { readFields, stringifyJson } from "../../src/core/json.ts";
import { readJsonInput } from "../support/values.ts";

export { type ProofFile, submissionOf } from "../../src/chain/proof-file.ts";

/** Writes a proof file. */
export function writeProofFile(path: string, file: ProofFile): void {
  writeFileDurably(path, `${stringifyJson(file, 2)}\n`);
}

/** Reads a proof file; InputError when it is not one. */
export function readProofFile(path: string): ProofFile {
  return readFields(proofFile, readJsonInput("--proof", path), path, "make it with: npx hardhat prove");
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
