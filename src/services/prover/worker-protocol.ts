import type { InputTexts } from "./inputs.ts";
import type { Proved } from "./job.ts";

/** A circuit version's files. */
export interface CircuitFiles {
  readonly version: number;
  readonly wasm: string;
  readonly zkey: string;
}

/** What a worker thread is started with. */
export interface WorkerStart {
  readonly circuits: readonly CircuitFiles[];
  /**
   * web-worker, which snarkjs loads, takes every worker thread for one of its own and requires what this names. Without it
   * each thread would print an error at its start.
   */
  readonly mod: "node:os";
}

export interface WorkerJob {
  readonly circuitVersion: number;
  readonly inputs: InputTexts;
}

/** `warm` or `cold` once, then one answer a job. After `broken` the thread is not to be trusted any more. */
export type WorkerAnswer =
  | { readonly kind: "warm" }
  | { readonly kind: "cold"; readonly reason: string }
  | { readonly kind: "proved"; readonly result: Proved }
  | { readonly kind: "refused"; readonly detail: string }
  | { readonly kind: "broken"; readonly reason: string };
