import type { CircuitInputs, PublicSignals } from "../core/facts/index.ts";
import type { Artifact, Groth16Backend } from "./backend.ts";
import type { Groth16Proof } from "./proof.ts";

export interface ProverOptions {
  /** Witness generator of the compiled circuit. */
  readonly wasm: Artifact;
  /** Proving key. */
  readonly zkey: Artifact;
  /** snarkjs unless given. */
  readonly backend?: Groth16Backend;
}

/** A proof and what it is about. */
export interface ProvedStatement {
  readonly proof: Groth16Proof;
  readonly publicSignals: PublicSignals;
  /** The same in the circuit's order, decimal strings: what `snarkjs groth16 verify` takes as `public.json`. */
  readonly signals: readonly string[];
  /** Milliseconds. */
  readonly timings: ProveTimings;
}

export interface ProveTimings {
  /** Waiting for earlier calls. */
  readonly queued: number;
  readonly witness: number;
  readonly proof: number;
  readonly total: number;
}

/** Proves with everything loaded and warm. Calls queue; each gets its own result. */
export interface Prover extends AsyncDisposable {
  /** The backend's name. */
  readonly backend: string;
  /**
   * @throws InputError when an input is missing or malformed; CheckError when the inputs do not satisfy the circuit.
   * Neither tells an input's value.
   */
  prove(inputs: CircuitInputs): Promise<ProvedStatement>;
  /** Whether the proof holds for these signals under this prover's key. @throws InputError when it is malformed. */
  verify(proof: unknown, signals: readonly (string | bigint)[] | PublicSignals): Promise<boolean>;
  /** Ends worker threads, after the calls under way. Every later call is refused. */
  close(): Promise<void>;
}

/** Loads circuit and key once. @throws InputError or CheckError when they are not what they should be. */
export async function createProver(_options: ProverOptions): Promise<Prover> {
  throw new Error("being written");
}
