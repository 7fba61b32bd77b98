import {
  buildFactsTree,
  type CircuitInputs,
  circuitInputs,
  type Facts,
  factCommitment,
  factsLeaf,
} from "../../core/facts/index.ts";

/**
 * A made-up statement that is true. Proving it first compiles what would else be compiled during a client's proof, and shows
 * that witness generator and proving key belong together.
 */
export function warmUpInputs(): CircuitInputs {
  const facts: Facts = { amounts: [3n, 1n, 0n, 0n], category: 1, salt: 1n };
  const policy = { weights: [1, -1, 0, 0], lower: 0n, upper: 9n, categoryMask: 2n } as const;
  const tree = buildFactsTree([factsLeaf(1n, 1n, factCommitment(facts))]);
  return circuitInputs({ facts, policy, subject: 1n, sequence: 1n, context: 1n, path: tree.path(0) });
}
