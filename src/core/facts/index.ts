/** Facts, policies, their hashes and the facts tree: everything the circuit and the contracts agree on. */
export {
  AMOUNTS,
  EMPTY_NODE,
  FACTS_TREE_ARITY,
  FACTS_TREE_DEPTH,
  MAX_FACTS_LEAVES,
} from "./constants.ts";
export {
  type Facts,
  type FactsJson,
  factCommitment,
  factsToJson,
  freshSalt,
  parseFacts,
  requireFacts,
} from "./facts.ts";
export { isFieldElement, requireFieldElement, toField } from "./field.ts";
export { contextOf, type ProofContext, subjectOf } from "./identity.ts";
export {
  type CircuitInputs,
  circuitInputs,
  PUBLIC_SIGNALS,
  type PublicSignals,
  publicSignals,
  type Statement,
} from "./inputs.ts";
export {
  type Evaluation,
  evaluatePolicy,
  type Policy,
  parsePolicy,
  policyHash,
} from "./policy.ts";
export { buildFactsTree, type FactsPath, type FactsTree, factsLeaf, factsRootFromPath } from "./tree.ts";
