import { type Artifact, createProver, type ProvedStatement } from "../../src/compliance/index.ts";
import type { CircuitInputs } from "../../src/core/facts/index.ts";
import { forgersCircuit } from "./fault.ts";

export interface Forgery {
  /** A setup of the planted circuit, as `ensureSetup` returns it; its proving key is what counts. */
  readonly setup: { readonly zkey: Artifact };
  /** A well formed statement by `circuitInputs`, which does not judge it: the sum may be above the upper bound. */
  readonly inputs: CircuitInputs;
  /** Called with one line of text at each step. */
  readonly onProgress?: (message: string) => void;
}

/**
 * Proves a false statement against the planted circuit: the facts' sum is above the policy's upper bound, and snarkjs
 * and the chain's verifier accept the proof for that circuit's key.
 *
 * The witness comes from {@link forgersCircuit}, as the planted circuit's own generator refuses the facts. Against the
 * real circuit's key there is nothing to forge: it has no witness for them.
 *
 * @throws CheckError when another rule than the upper bound is broken, as the fault does not help there; InputError
 * when an input is malformed; UnavailableError when a file cannot be read.
 */
export async function forgeProof({ setup, inputs, ...options }: Forgery): Promise<ProvedStatement> {
  const { wasm } = await forgersCircuit(options);
  await using prover = await createProver({ wasm, zkey: setup.zkey });
  return await prover.prove(inputs);
}
