import { poseidon3 } from "poseidon-lite/poseidon3";
import { poseidon8 } from "poseidon-lite/poseidon8";
import { InputError } from "../errors.ts";
import { U64_MAX } from "../u64.ts";
import { EMPTY_NODE, FACTS_TREE_ARITY, FACTS_TREE_DEPTH, MAX_FACTS_LEAVES } from "./constants.ts";
import { requireFieldElement } from "./field.ts";

/** A leaf's way to the root: at each level, from the leaf's up, all eight children, the node below among them. */
export type FactsPath = readonly (readonly bigint[])[];

/** The tree over one batch's facts leaves. */
export interface FactsTree {
  /** 0 when there are no leaves: such a batch cannot be attested. */
  readonly root: bigint;
  readonly leaves: readonly bigint[];
  /** @throws InputError when there is no leaf of that index. */
  path(index: number): FactsPath;
}

/**
 * These facts, of this subject, at this place of its stream: `Poseidon(subject, sequence, fact commitment)`.
 *
 * @param sequence u64, the event's sequence number.
 * @throws InputError when a value is out of range.
 */
export function factsLeaf(subject: bigint, sequence: bigint, commitment: bigint): bigint {
  requireFieldElement("subject", subject);
  requireFieldElement("fact commitment", commitment);
  if (sequence < 0n || sequence > U64_MAX) throw InputError.expected("sequence", "a u64", sequence);
  return poseidon3([subject, sequence, commitment]);
}

/**
 * Builds the octal tree of depth 6 over a batch's facts leaves, in sequence order (docs/formats.md section 2).
 *
 * Only nodes above a leaf are hashed: an empty child is 0 at every level.
 *
 * @throws InputError for a leaf that is 0 or no field element, or for more than 2^18 leaves.
 */
export function buildFactsTree(leaves: readonly bigint[]): FactsTree {
  if (leaves.length > MAX_FACTS_LEAVES) {
    throw InputError.expected("facts leaves", `at most ${MAX_FACTS_LEAVES}`, leaves.length);
  }
  for (const leaf of leaves) {
    requireFieldElement("facts leaf", leaf);
    if (leaf === EMPTY_NODE)
      throw InputError.expected("facts leaf", "a hash", "0, which marks an empty place");
  }
  const levels: (readonly bigint[])[] = [[...leaves]];
  for (let level = 0; level < FACTS_TREE_DEPTH; level++) levels.push(parents(levels[level] ?? []));

  return {
    root: levels[FACTS_TREE_DEPTH]?.[0] ?? EMPTY_NODE,
    leaves: levels[0] ?? [],
    path(index) {
      if (!Number.isInteger(index) || index < 0 || index >= leaves.length) {
        throw InputError.expected("leaf index", `an integer from 0 to ${leaves.length - 1}`, index);
      }
      return levels
        .slice(0, FACTS_TREE_DEPTH)
        .map((nodes, level) => siblings(nodes, Math.floor(index / FACTS_TREE_ARITY ** (level + 1))));
    },
  };
}

/**
 * The root that a path leads to from a leaf, or undefined when the leaf or a node is not among its children.
 *
 * @throws InputError when the path does not have 6 levels of 8 field elements.
 */
export function factsRootFromPath(leaf: bigint, path: FactsPath): bigint | undefined {
  if (path.length !== FACTS_TREE_DEPTH) {
    throw InputError.expected("facts path", `${FACTS_TREE_DEPTH} levels`, path);
  }
  let node = leaf;
  for (const children of path) {
    if (children.length !== FACTS_TREE_ARITY) {
      throw InputError.expected("facts path level", `${FACTS_TREE_ARITY} children`, children);
    }
    for (const child of children) requireFieldElement("facts path child", child);
    if (node === EMPTY_NODE || !children.includes(node)) return undefined;
    node = poseidon8([...children]);
  }
  return node;
}

function parents(nodes: readonly bigint[]): bigint[] {
  const count = Math.ceil(nodes.length / FACTS_TREE_ARITY);
  return Array.from({ length: count }, (_, parent) => poseidon8(siblings(nodes, parent)));
}

/** The children of one parent, empty places filled. */
function siblings(nodes: readonly bigint[], parent: number): bigint[] {
  const first = parent * FACTS_TREE_ARITY;
  return Array.from({ length: FACTS_TREE_ARITY }, (_, child) => nodes[first + child] ?? EMPTY_NODE);
}
