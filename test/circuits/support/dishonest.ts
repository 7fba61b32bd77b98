import { poseidon3 } from "poseidon-lite/poseidon3";
import { poseidon8 } from "poseidon-lite/poseidon8";
import { SCALAR_ORDER } from "../../../src/core/bn254.ts";
import type { CircuitInputs } from "../../../src/core/facts/index.ts";
import { inputsOf } from "./statement.ts";

interface Off {
  readonly commitment?: bigint;
  readonly leaf?: bigint;
}

/**
 * Inputs with some values replaced, out of range or not, and every hash over them made right again: commitment, leaf,
 * path, root and policy hash. So a refusal comes from the rule that the values break and from nothing else.
 *
 * @param off Added to a hash before others are made of it: the one thing that is not right then.
 */
export function consistentInputs(changes: Partial<CircuitInputs>, off: Off = {}): CircuitInputs {
  const inputs = { ...inputsOf(), ...changes };
  const { amounts, weights, category, categoryMask, salt, subject, sequence, lower, upper } = inputs;
  const at = (values: readonly bigint[], index: number): bigint => values[index] ?? 0n;

  const packedFacts = [
    at(amounts, 0) + at(amounts, 1) * 2n ** 64n + at(amounts, 2) * 2n ** 128n,
    at(amounts, 3) + category * 2n ** 64n + 0x50584641435431n * 2n ** 72n,
  ];
  const commitment = poseidon3([...packedFacts.map(mod), salt]) + (off.commitment ?? 0n);
  const leaf = poseidon3([subject, sequence, commitment]) + (off.leaf ?? 0n);
  const packedPolicy = weights.reduce(
    (sum, weight, i) => sum + weight * 2n ** BigInt(32 * i),
    categoryMask * 2n ** 128n + 0x5058504f4c4931n * 2n ** 192n,
  );

  const children: bigint[][] = [];
  let node = leaf;
  for (let level = 0; level < 6; level++) {
    const row = [...Array<bigint>(7).fill(0n), node];
    children.push(row);
    node = poseidon8(row);
  }
  return { ...inputs, children, factsRoot: node, policyHash: poseidon3([mod(packedPolicy), lower, upper]) };
}

export function mod(value: bigint): bigint {
  return ((value % SCALAR_ORDER) + SCALAR_ORDER) % SCALAR_ORDER;
}
