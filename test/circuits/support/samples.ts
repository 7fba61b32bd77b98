import { poseidon8 } from "poseidon-lite/poseidon8";
import { SCALAR_ORDER } from "../../../src/core/bn254.ts";
import type { Inputs, TEMPLATES } from "./circuit.ts";
import { inputsOf } from "./statement.ts";

const siblings = (first: bigint): bigint[] => Array.from({ length: 8 }, (_, i) => first + BigInt(i));
const main = inputsOf();
const nodes = siblings(20n);

/** Inputs that each template, alone, accepts. */
export const SAMPLES: Record<(typeof TEMPLATES)[number], Inputs> = {
  assert_fits: { in: 0xdead_beefn },
  fit: { in: [0xdead_beefn, 0n, 1n, 2n ** 64n - 1n] },
  member: { value: 12n, set: siblings(10n) },
  bit_is_set: { mask: 0x8000_0f0f_1234_5679n, index: 41n },
  fact_commitment: { amounts: main.amounts, category: main.category, salt: main.salt },
  policy_hash: {
    weights: main.weights,
    categoryMask: main.categoryMask,
    lower: main.lower,
    upper: main.upper,
  },
  weighted_sum: { amounts: main.amounts, weights: [2n ** 31n + 1n, 0n, 5n, 2n ** 32n - 1n] },
  within_bounds: { sum: SCALAR_ORDER - 5n, lower: SCALAR_ORDER - 9n, upper: 3n },
  facts_leaf: { subject: 1n, sequence: 2n, factCommitment: 3n },
  facts_tree_root: { leaf: 27n, children: [nodes, [0n, poseidon8(nodes), 0n, 0n, 0n, 0n, 0n, 0n]] },
};
