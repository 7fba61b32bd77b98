import { equalBytes } from "../bytes.ts";
import { CheckError, InputError } from "../errors.ts";
import { logLeafHash, logNode } from "./log-frontier.ts";

/** That an entry stands at `index` (from 0; a sequence number less one) in the log of `size` entries. */
export interface LogInclusionProof {
  readonly index: bigint;
  readonly size: bigint;
  readonly path: readonly Uint8Array[];
}

/** That the log of `first` entries is a prefix of the log of `second` entries. */
export interface LogConsistencyProof {
  readonly first: bigint;
  readonly second: bigint;
  readonly path: readonly Uint8Array[];
}

/**
 * Checks an inclusion proof (RFC 9162 section 2.1.3.2).
 *
 * @param entry The entry itself; it is hashed here, so that no inner node can pass for an entry.
 * @param root The root of the log at `proof.size`, from a source the caller trusts, and the size with it.
 * @throws CheckError when the proof does not hold; InputError for an index outside the log.
 */
export function verifyLogInclusion(entry: Uint8Array, proof: LogInclusionProof, root: Uint8Array): void {
  const { index, size, path } = proof;
  if (index < 0n || index >= size) throw InputError.expected("log index", `0 to ${size - 1n}`, index);
  let fn = index;
  let sn = size - 1n;
  let reached = logLeafHash(entry);
  for (const node of path) {
    if (sn === 0n) throw new CheckError("log inclusion proof: it has too many nodes");
    if (isOdd(fn) || fn === sn) {
      reached = logNode(node, reached);
      while (!isOdd(fn) && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      reached = logNode(reached, node);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  if (sn !== 0n) throw new CheckError("log inclusion proof: it has too few nodes");
  if (!equalBytes(reached, root)) throw new CheckError("log inclusion proof: it leads to another root");
}

/**
 * Checks a consistency proof (RFC 9162 section 2.1.4.2): nothing that was in the first log was changed or removed.
 *
 * @throws CheckError when the proof does not hold; InputError unless 1 <= first <= second.
 */
export function verifyLogConsistency(
  proof: LogConsistencyProof,
  firstRoot: Uint8Array,
  secondRoot: Uint8Array,
): void {
  const { first, second, path } = proof;
  if (first < 1n || first > second) throw InputError.expected("first log size", `1 to ${second}`, first);
  if (first === second) {
    if (path.length > 0) throw new CheckError("log consistency proof: expected no nodes for equal sizes");
    requireRoots(firstRoot, secondRoot, firstRoot, firstRoot);
    return;
  }
  // A power of two is a complete subtree, which the verifier has: the proof leaves it out.
  const [start, ...rest] = isPowerOfTwo(first) ? [firstRoot, ...path] : path;
  if (start === undefined) throw new CheckError("log consistency proof: it has too few nodes");
  const [reachedFirst, reachedSecond] = climb(first, second, start, rest);
  requireRoots(reachedFirst, reachedSecond, firstRoot, secondRoot);
}

function climb(
  first: bigint,
  second: bigint,
  start: Uint8Array,
  path: readonly Uint8Array[],
): [Uint8Array, Uint8Array] {
  let fn = first - 1n;
  let sn = second - 1n;
  while (isOdd(fn)) [fn, sn] = [fn >> 1n, sn >> 1n];
  let [fr, sr] = [start, start];
  for (const node of path) {
    if (sn === 0n) throw new CheckError("log consistency proof: it has too many nodes");
    if (isOdd(fn) || fn === sn) {
      [fr, sr] = [logNode(node, fr), logNode(node, sr)];
      while (!isOdd(fn) && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      sr = logNode(sr, node);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  if (sn !== 0n) throw new CheckError("log consistency proof: it has too few nodes");
  return [fr, sr];
}

function requireRoots(
  first: Uint8Array,
  second: Uint8Array,
  firstRoot: Uint8Array,
  secondRoot: Uint8Array,
): void {
  if (!equalBytes(first, firstRoot))
    throw new CheckError("log consistency proof: it leads to another first root");
  if (!equalBytes(second, secondRoot))
    throw new CheckError("log consistency proof: it leads to another second root");
}

function isOdd(n: bigint): boolean {
  return (n & 1n) === 1n;
}

function isPowerOfTwo(n: bigint): boolean {
  return (n & (n - 1n)) === 0n;
}
