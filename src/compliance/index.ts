/** Proving that a committed event satisfies a policy, and checking such proofs off chain. */
export type { Artifact } from "./artifact.ts";
export type { BackendProof, Groth16Backend, LoadedKey } from "./backend.ts";
export { type Groth16Proof, parseProof, proofToSolidity, type SolidityProof } from "./proof.ts";
export {
  createProver,
  type ProvedStatement,
  type Prover,
  type ProverOptions,
  type ProveTimings,
} from "./prover.ts";
export { snarkjsBackend } from "./snarkjs-backend.ts";
