import { ZeroHash } from "ethers";
import type { Groth16Verifier } from "../../build/types/contracts/compliance/Groth16Verifier.ts";
import type { ProofFile } from "./file.ts";

/**
 * Indices of the proofs that do not hold, found by asking for halves: one call when all hold, about
 * `2 * log2(n)` for each one that does not.
 */
export async function findFalseProofs(
  files: readonly ProofFile[],
  verifiers: ReadonlyMap<bigint, Groth16Verifier>,
): Promise<number[]> {
  const falseOnes: number[] = [];
  for (const [circuitVersion, verifier] of verifiers) {
    const indices = [...files.keys()].filter(
      (index) => files[index]?.claim.circuitVersion === circuitVersion,
    );
    falseOnes.push(...(await searchHalf(files, indices, verifier)));
  }
  return falseOnes.sort((a, b) => a - b);
}

async function searchHalf(
  files: readonly ProofFile[],
  indices: readonly number[],
  verifier: Groth16Verifier,
): Promise<number[]> {
  const chosen = indices.flatMap((index) => files[index] ?? []);
  const holds = await verifier.verifyBatch(
    chosen.map(({ proof }) => proof),
    chosen.map(({ signals }) => signals),
    ZeroHash,
  );
  if (holds) return [];
  if (indices.length === 1) return [...indices];
  const middle = indices.length >> 1;
  return [
    ...(await searchHalf(files, indices.slice(0, middle), verifier)),
    ...(await searchHalf(files, indices.slice(middle), verifier)),
  ];
}
