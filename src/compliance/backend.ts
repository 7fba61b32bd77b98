import type { Artifact } from "./artifact.ts";
import type { Groth16Proof } from "./proof.ts";

/** What computes proofs from witnesses. Another one, e.g. native, is another object of this shape. */
export interface Groth16Backend {
  /** For people and benchmarks. */
  readonly name: string;
  /**
   * Prepares a proving key; called once, before anything else.
   *
   * @throws InputError when it is no Groth16 key on BN254; CheckError when it is cut short.
   */
  load(zkey: Artifact): Promise<LoadedKey>;
  /**
   * Proves for a witness in the `.wtns` format. Called one at a time.
   *
   * @throws CheckError when the witness is of another circuit.
   */
  prove(witness: Uint8Array): Promise<BackendProof>;
  /** Ends threads and forgets the key. */
  close(): Promise<void>;
}

export interface LoadedKey {
  /** snarkjs's verification key JSON. */
  readonly verificationKey: unknown;
  readonly publicSignals: number;
}

export interface BackendProof {
  readonly proof: Groth16Proof;
  /** Decimal strings, in the circuit's order. */
  readonly signals: readonly string[];
}
