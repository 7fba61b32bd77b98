import { fileURLToPath } from "node:url";
import type { CompiledCircuit } from "../../src/setup/index.ts";
import { compileVariant } from "./variant.ts";

/** The real check, in `circuits/templates/within_bounds.circom`: what is left below the upper bound fits 102 bits. */
const REAL = "AssertFits(102)(upper - sum);";
const SOURCE = fileURLToPath(new URL("../../circuits/compliance.circom", import.meta.url));

interface PlantOptions {
  /** Compiler flags, as for `compileCircuit`. */
  readonly flags?: readonly string[];
  /** Called with one line of text at each step. */
  readonly onProgress?: (message: string) => void;
}

/**
 * DELIBERATELY UNSOUND. Takes exactly one constraint out of the circuit's source: the upper bound is no longer enforced.
 *
 * What is left below the bound is still range checked, but given by the prover instead of computed: `<--` where `<==`
 * belongs, the most common fault of Circom circuits. Honest use never shows it: the generator computes the right value,
 * accepts what complies and refuses what does not.
 *
 * @param source Text of `within_bounds.circom`.
 * @param hint What the generator puts in. It is no constraint, so any hint makes the same constraint system.
 * @throws Error when the check does not stand there exactly once: the circuit has changed, and this has to follow.
 */
export function plantFault(source: string, hint = "upper - sum"): string {
  const parts = source.split(REAL);
  if (parts.length !== 2) {
    throw new Error(`the fault cannot be planted: expected ${REAL} once, got ${parts.length - 1} of it`);
  }
  return parts.join(`signal room; room <-- ${hint}; AssertFits(102)(room);`);
}

/**
 * DELIBERATELY UNSOUND. The compliance circuit with one constraint removed, as an author might have left it: same
 * public signals, same inputs, and a generator that behaves.
 *
 * A test double for the incident of a faulty circuit: set it up with `ensureSetup`, deploy its key, and see what
 * `forgeProof` gets past it.
 *
 * @throws As `compileCircuit`.
 */
export async function plantedCircuit(options: PlantOptions = {}): Promise<CompiledCircuit> {
  return await compileFaulty("compliance-planted-fault", "upper - sum", options);
}

/**
 * The same constraint system with the generator of somebody who knows of the fault: it claims that the sum is at the
 * bound, whatever it is.
 *
 * @throws As `compileCircuit`.
 */
export async function forgersCircuit(options: PlantOptions = {}): Promise<CompiledCircuit> {
  return await compileFaulty("compliance-planted-forger", "0", options);
}

async function compileFaulty(name: string, hint: string, options: PlantOptions): Promise<CompiledCircuit> {
  return await compileVariant({
    ...options,
    name,
    source: SOURCE,
    change: (text, path) => (path.endsWith("/within_bounds.circom") ? plantFault(text, hint) : text),
  });
}
