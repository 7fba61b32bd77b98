import { InputError, UnavailableError } from "../core/errors.ts";
import { type CircuitInputs, PUBLIC_SIGNALS, type PublicSignals } from "../core/facts/index.ts";
import type { Artifact } from "./artifact.ts";
import type { Groth16Backend } from "./backend.ts";
import { type Groth16Proof, parseProof } from "./proof.ts";
import { namedSignals, signalTexts } from "./signals.ts";
import { holdWorkers, releaseWorkers, snarkjsBackend, verifyGroth16 } from "./snarkjs-backend.ts";
import { WitnessGenerator } from "./witness.ts";

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
  readonly timings: ProveTimings;
}

/** Milliseconds. */
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
   * Neither tells an input's value. UnavailableError after `close`.
   */
  prove(inputs: CircuitInputs): Promise<ProvedStatement>;
  /**
   * Whether the proof holds for these signals under this prover's key.
   *
   * @throws InputError when either is malformed; UnavailableError after `close`.
   */
  verify(proof: unknown, signals: readonly string[] | PublicSignals): Promise<boolean>;
  /** Ends worker threads, after the calls under way. Every later call is refused. */
  close(): Promise<void>;
}

/**
 * Loads circuit and key once.
 *
 * @throws UnavailableError when a file cannot be read; InputError or CheckError when it is not what it should be.
 */
export async function createProver(options: ProverOptions): Promise<Prover> {
  const witness = await WitnessGenerator.load(options.wasm);
  const backend = options.backend ?? snarkjsBackend();
  const { verificationKey, publicSignals } = await backend.load(options.zkey);
  if (publicSignals !== PUBLIC_SIGNALS.length) {
    await backend.close();
    throw InputError.expected("proving key", `${PUBLIC_SIGNALS.length} public signals`, publicSignals);
  }
  await holdWorkers();
  return new QueuedProver(witness, backend, verificationKey);
}

class QueuedProver implements Prover {
  readonly #witness: WitnessGenerator;
  readonly #backend: Groth16Backend;
  readonly #verificationKey: unknown;
  /** Ends when the last queued call has, well or not. */
  #last: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | undefined;

  constructor(witness: WitnessGenerator, backend: Groth16Backend, verificationKey: unknown) {
    this.#witness = witness;
    this.#backend = backend;
    this.#verificationKey = verificationKey;
  }

  get backend(): string {
    return this.#backend.name;
  }

  async prove(inputs: CircuitInputs): Promise<ProvedStatement> {
    const asked = performance.now();
    return await this.#enqueue(() => this.#proveNow(inputs, asked));
  }

  async verify(proof: unknown, signals: readonly string[] | PublicSignals): Promise<boolean> {
    const parsed = parseProof(proof);
    const texts = signalTexts(signals);
    return await this.#enqueue(() => verifyGroth16(this.#verificationKey, texts, parsed));
  }

  async close(): Promise<void> {
    this.#closed ??= this.#last.then(async () => {
      await this.#backend.close();
      await releaseWorkers();
    });
    await this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #proveNow(inputs: CircuitInputs, asked: number): Promise<ProvedStatement> {
    const started = performance.now();
    const witness = await this.#witness.generate({ ...inputs });
    const generated = performance.now();
    const { proof, signals } = await this.#backend.prove(witness);
    witness.fill(0);
    const ended = performance.now();
    return {
      proof,
      publicSignals: namedSignals(signals),
      signals,
      timings: {
        queued: started - asked,
        witness: generated - started,
        proof: ended - generated,
        total: ended - asked,
      },
    };
  }

  async #enqueue<T>(run: () => Promise<T>): Promise<T> {
    if (this.#closed !== undefined) throw new UnavailableError("the prover is closed");
    const result = this.#last.then(run);
    this.#last = result.catch(() => undefined);
    return await result;
  }
}
