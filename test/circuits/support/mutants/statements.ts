import { poseidon8 } from "poseidon-lite/poseidon8";
import type { CircuitInputs } from "../../../../src/core/facts/index.ts";
import type { Inputs, TEMPLATES } from "../circuit.ts";
import { consistentInputs } from "../dishonest.ts";
import { SAMPLES } from "../samples.ts";
import { inputsOf } from "../statement.ts";

/** A circuit under test: the main one, or a template alone. */
export type SubjectName = "compliance" | (typeof TEMPLATES)[number];

/**
 * Levels of the facts tree in the main circuit here. Each level of the real one is the same again, and takes a third of a
 * second of each mutant's time.
 */
export const DEPTH = 1;

const honest = inputsOf();
const SHALLOW = shallow(honest);

/** The inputs with their path cut short, and the root that it leads to. */
function shallow(inputs: CircuitInputs): CircuitInputs {
  const children = inputs.children.slice(0, DEPTH);
  return { ...inputs, children, factsRoot: poseidon8([...(children.at(-1) ?? [])]) };
}

/** Inputs that each circuit accepts, with room for values that are off by one. */
export const TRUE_STATEMENTS: Readonly<Record<SubjectName, Inputs>> = {
  ...SAMPLES,
  // What is left at each cut is 0, so that one more is still in range.
  bit_is_set: { mask: 1n << 41n, index: 41n },
  facts_tree_root: { ...SAMPLES.facts_tree_root, leaf: 22n },
  compliance: { ...SHALLOW },
};

/** Inputs by what is false about them: each circuit must refuse them, whatever witness is found. */
export const FALSE_STATEMENTS: Readonly<Record<SubjectName, Readonly<Record<string, Inputs>>>> = {
  assert_fits: { "2^64 fits 64 bits": { in: 2n ** 64n } },
  fit: {
    "2^64 in the first place fits 64 bits": { in: [2n ** 64n, 0n, 0n, 0n] },
    "2^64 in the last place fits 64 bits": { in: [0n, 0n, 0n, 2n ** 64n] },
  },
  member: { "9 is one of 10 to 17": { ...SAMPLES.member, value: 9n } },
  bit_is_set: {
    "bit 8 of 0xff is set": { mask: 0xffn, index: 8n },
    "bit 64 of a mask is set": { mask: 0xffn, index: 64n },
    "a mask has 65 bits": { mask: 2n ** 64n + 1n, index: 0n },
  },
  within_bounds: {
    "8 is not below 9": { sum: 8n, lower: 9n, upper: 20n },
    "21 is not above 20": { sum: 21n, lower: 9n, upper: 20n },
  },
  facts_tree_root: { "a leaf is under a root without it": { ...SAMPLES.facts_tree_root, leaf: 9n } },
  // These are functions: any input has its output, and what is false is another output.
  fact_commitment: {},
  policy_hash: {},
  weighted_sum: {},
  facts_leaf: {},
  compliance: { ...brokenRules(), ...othersPolicies(), ...othersFacts() },
};

/** Every hash is right, and the facts break a rule. */
function brokenRules(): Record<string, Inputs> {
  return {
    "a sum below the lower bound complies": consistent({ lower: 748n }),
    "a sum above the upper bound complies": consistent({ upper: 746n }),
    "a category outside the mask complies": consistent({ category: 6n }),
    "a mask has 65 bits": consistent({ categoryMask: 2n ** 64n + 2n ** 5n }),
  };
}

/** The facts break the registered policy and comply with the one that the prover puts in. */
function othersPolicies(): Record<string, Inputs> {
  const replaced = (registered: Partial<CircuitInputs>, used: Partial<CircuitInputs>): Inputs => ({
    ...consistent(used),
    policyHash: consistentInputs(registered).policyHash,
  });
  const category = 3n;
  return {
    "the lower bound is the prover's": replaced({ lower: 748n }, { lower: 747n }),
    "the upper bound is the prover's": replaced({ upper: 0n }, { upper: 800n }),
    "the mask is the prover's": replaced({ category, categoryMask: 32n }, { category, categoryMask: 31n }),
    "the policy hash is another": { ...SHALLOW, policyHash: honest.policyHash + 1n },
  };
}

/** The facts are not those that are anchored for this subject. */
function othersFacts(): Record<string, Inputs> {
  const { subject } = honest;
  const anchored = (...theirs: Parameters<typeof consistentInputs>): Inputs => {
    const { factsRoot: root, children } = shallow(consistentInputs(...theirs));
    return { ...SHALLOW, factsRoot: root, children };
  };
  return {
    "another subject's facts are this one's": anchored({ subject: subject + 1n }),
    "the anchored leaf holds another commitment": anchored({}, { commitment: 1n }),
    "the anchored tree holds another leaf": anchored({}, { leaf: 1n }),
    "the anchored root is another": { ...SHALLOW, factsRoot: SHALLOW.factsRoot + 1n },
  };
}

function consistent(changes: Partial<CircuitInputs>): Inputs {
  return { ...shallow(consistentInputs(changes)) };
}
