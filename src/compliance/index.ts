/** Proving that a committed event satisfies a policy, and checking such proofs off chain. */
export type { Artifact, Groth16Backend } from "./backend.ts";
export { type Groth16Proof, parseProof, proofToSolidity, type SolidityProof } from "./proof.ts";
export {
  createProver,
  type ProvedStatement,
  type Prover,
  type ProverOptions,
  type ProveTimings,
} from "./prover.ts";
