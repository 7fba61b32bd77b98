import { equalBytes, requireLength } from "../bytes.ts";
import { CheckError, InputError } from "../errors.ts";
import { taggedHash } from "../hash.ts";

/** Most events in one batch: what a facts tree holds and the anchor registry takes. */
export const MAX_BATCH_COUNT = 2 ** 18;

/** Fills a batch tree up to a power of two: `H("VES_PAD_LEAF_V1")`. No event's leaf is equal to it. */
export const PAD_LEAF: Uint8Array = taggedHash("VES_PAD_LEAF_V1");

/** That a leaf is in a batch of `count` leaves at `index` (from 0); `path` runs from the leaf's sibling to the root. */
export interface BatchInclusionProof {
  readonly index: number;
  readonly count: number;
  readonly path: readonly Uint8Array[];
}

/** Inner node of a batch tree: `H("VES_NODE_V1" || left || right)`. */
export function batchNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  return taggedHash(
    "VES_NODE_V1",
    requireLength("left node", left, 32),
    requireLength("right node", right, 32),
  );
}

/** Root over a batch's leaves (32 bytes each) in order; one leaf is its own root, and no leaves give the pad leaf. */
export function batchRoot(leaves: readonly Uint8Array[]): Uint8Array {
  return levelsOf(leaves).at(-1)?.[0] ?? PAD_LEAF;
}

/** Proves that `leaves[index]` is in the batch. @throws InputError when there is no such leaf. */
export function batchInclusionProof(leaves: readonly Uint8Array[], index: number): BatchInclusionProof {
  requireIndex(index, leaves.length);
  const path = levelsOf(leaves)
    .slice(0, -1)
    .map((level, height) => level[Math.floor(index / 2 ** height) ^ 1] ?? PAD_LEAF);
  return { index, count: leaves.length, path };
}

/**
 * Checks a leaf's place in a batch.
 *
 * @param root The batch root from the anchored batch; `proof.count` has to be compared with that batch's count.
 * @throws CheckError when the proof does not hold; InputError when it has no meaning.
 */
export function verifyBatchInclusion(leaf: Uint8Array, proof: BatchInclusionProof, root: Uint8Array): void {
  const { index, count, path } = proof;
  requireIndex(index, count);
  const height = Math.ceil(Math.log2(count));
  if (path.length !== height) {
    throw new CheckError(`batch inclusion proof: expected ${height} nodes, got ${path.length}`);
  }
  const reached = path.reduce(
    (node, sibling, i) =>
      Math.floor(index / 2 ** i) % 2 === 0 ? batchNode(node, sibling) : batchNode(sibling, node),
    requireLength("leaf", leaf, 32),
  );
  if (!equalBytes(reached, root)) throw new CheckError("batch inclusion proof: it leads to another root");
}

function requireIndex(index: number, count: number): void {
  if (!Number.isInteger(count) || count < 1 || count > MAX_BATCH_COUNT) {
    throw InputError.expected("batch count", `1 to ${MAX_BATCH_COUNT}`, count);
  }
  if (!Number.isInteger(index) || index < 0 || index >= count) {
    throw InputError.expected("batch index", `0 to ${count - 1}`, index);
  }
}

/** All levels, leaves first; the last holds the root alone. */
function levelsOf(leaves: readonly Uint8Array[]): Uint8Array[][] {
  let level = leaves.map((leaf) => requireLength("leaf", leaf, 32));
  while (level.length === 0 || !Number.isInteger(Math.log2(level.length))) level.push(PAD_LEAF);
  const levels = [level];
  while (level.length > 1) {
    level = pairs(level).map(([left, right]) => batchNode(left, right));
    levels.push(level);
  }
  return levels;
}

function pairs(level: readonly Uint8Array[]): [Uint8Array, Uint8Array][] {
  const result: [Uint8Array, Uint8Array][] = [];
  for (let i = 0; i + 1 < level.length; i += 2) result.push([level[i] ?? PAD_LEAF, level[i + 1] ?? PAD_LEAF]);
  return result;
}
