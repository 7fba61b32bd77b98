import { ZeroHash } from "ethers";
import type { Groth16Verifier } from "../../build/types/contracts/compliance/Groth16Verifier.ts";
import type { ProofFile } from "./file.ts";

/** factsRoot, policyHash, subject, context. */
export type Signals = [bigint, bigint, bigint, bigint];

/**
 * Indices of the proofs that do not hold, found by asking for halves: one call when all hold, about
 * `2 * log2(n)` for each one that does not.
 */
export async function findFalseProofs(
  files: readonly ProofFile[],
  signals: readonly Signals[],
  verifiers: ReadonlyMap<bigint, Groth16Verifier>,
): Promise<number[]> {
  const falseOnes: number[] = [];
  for (const [circuitVersion, verifier] of verifiers) {
    const indices = [...files.keys()].filter(
      (index) => files[index]?.claim.circuitVersion === circuitVersion,
    );
    falseOnes.push(...(await searchHalf(files, signals, indices, verifier)));
  }
  return falseOnes.sort((a, b) => a - b);
}

async function searchHalf(
  files: readonly ProofFile[],
  signals: readonly Signals[],
  indices: readonly number[],
  verifier: Groth16Verifier,
): Promise<number[]> {
  const holds = await verifier.verifyBatch(
    indices.flatMap((index) => files[index]?.proof ?? []),
    indices.map((index) => signals[index] as Signals),
    ZeroHash,
  );
  if (holds) return [];
  if (indices.length === 1) return [...indices];
  const middle = indices.length >> 1;
  return [
    ...(await searchHalf(files, signals, indices.slice(0, middle), verifier)),
    ...(await searchHalf(files, signals, indices.slice(middle), verifier)),
  ];
}
