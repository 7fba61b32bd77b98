/** Public constants of facts, policies and the circuit, in one place. Source: docs/formats.md section 2. */

/** Amounts in one event's facts, and weights in one policy. */
export const AMOUNTS = 4;

/** A category is a bit number of a policy's 64-bit mask. */
export const CATEGORIES = 64;

export const MIN_WEIGHT = -(2 ** 31);
export const MAX_WEIGHT = 2 ** 31 - 1;

/** A bound's magnitude is below this. The sum's is below 2^97, so no difference of them wraps in the field. */
export const BOUND_LIMIT = 2n ** 100n;

/** "PXFACT1" as a big-endian integer: the packed facts. */
export const TAG_FACTS = 0x50584641435431n;

/** "PXPOLI1" as a big-endian integer: the packed policy. */
export const TAG_POLICY = 0x5058504f4c4931n;

/** Children of a node of the facts tree. */
export const FACTS_TREE_ARITY = 8;

/** Levels between a leaf and the root, always. */
export const FACTS_TREE_DEPTH = 6;

/** Leaves a facts tree can hold: 2^18. */
export const MAX_FACTS_LEAVES = FACTS_TREE_ARITY ** FACTS_TREE_DEPTH;

/** An empty place in the facts tree, and the root of a batch without facts. */
export const EMPTY_NODE = 0n;
