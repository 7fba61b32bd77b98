import {
  buildFactsTree,
  type CircuitInputs,
  circuitInputs,
  type Facts,
  factCommitment,
  factsLeaf,
  type Policy,
  type Statement,
} from "../../../src/core/facts/index.ts";

export const U64_MAX = 2n ** 64n - 1n;

export const FACTS: Facts = { amounts: [1_000n, 250n, 3n, 4n], category: 5, salt: 987_654_321n };

/** 1,000 - 250 - 3 = 747. */
export const POLICY: Policy = { weights: [1, -1, -1, 0], lower: 700n, upper: 800n, categoryMask: 0b10_0110n };

const SUBJECT = 111n;
const SEQUENCE = 42n;

/** A statement about facts that stand at place 8 of a batch with nine events, all of one subject. */
export function statementOf(facts: Facts = FACTS, policy: Policy = POLICY): Statement {
  const others = Array.from({ length: 8 }, (_, i) => factsLeaf(SUBJECT, SEQUENCE - 8n + BigInt(i), 5n));
  const tree = buildFactsTree([...others, factsLeaf(SUBJECT, SEQUENCE, factCommitment(facts))]);
  return { facts, policy, subject: SUBJECT, sequence: SEQUENCE, context: 222n, path: tree.path(8) };
}

/** Inputs of the main circuit for a well formed statement. */
export function inputsOf(facts?: Facts, policy?: Policy): CircuitInputs {
  return circuitInputs(statementOf(facts, policy));
}
