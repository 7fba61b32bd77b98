import { InputError } from "../core/errors.ts";
import { withBinFile } from "./bin-file.ts";
import type { IdentifiedPtau } from "./ptau.ts";

/** Sizes of a constraint system. */
export interface CircuitSize {
  readonly constraints: number;
  readonly wires: number;
  readonly publicSignals: number;
}

const HEADER = 1;

/** Reads the sizes from a compiled circuit. */
export async function readCircuitSize(r1cs: string): Promise<CircuitSize> {
  return await withBinFile("circuit", r1cs, "r1cs", async (file) => {
    const fieldBytes = (await file.read(HEADER, 0, 4)).readUInt32LE();
    // u32 wires, public outputs, public inputs, private inputs; u64 labels; u32 constraints
    const counts = await file.read(HEADER, 4 + fieldBytes, 28);
    return {
      wires: counts.readUInt32LE(0),
      publicSignals: counts.readUInt32LE(4) + counts.readUInt32LE(8),
      constraints: counts.readUInt32LE(24),
    };
  });
}

/**
 * The power of two that phase 2 needs: each public signal, and the constant one, takes a row beside the constraints.
 */
export function powerNeeded({ constraints, publicSignals }: CircuitSize): number {
  return Math.ceil(Math.log2(constraints + publicSignals + 1));
}

/** @throws InputError when the powers of tau are too few for the circuit. */
export function requireEnoughPowers(size: CircuitSize, ptau: IdentifiedPtau): void {
  const needed = powerNeeded(size);
  if (ptau.power < needed) {
    throw InputError.expected(
      "powers of tau",
      `2^${needed} or more for ${size.constraints} constraints`,
      `2^${ptau.power} in ${ptau.path}`,
    );
  }
}
