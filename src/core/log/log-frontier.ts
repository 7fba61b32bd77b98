import { concatBytes, requireLength } from "../bytes.ts";
import { InputError } from "../errors.ts";
import { sha256 } from "../sha256.ts";

/**
 * All that is needed to go on appending to an RFC 9162 log: the roots of its complete subtrees, largest (and oldest)
 * first, one for every bit that is set in `size`.
 */
export interface LogFrontier {
  /** Number of entries. */
  readonly size: bigint;
  readonly peaks: readonly Uint8Array[];
}

export const EMPTY_LOG: LogFrontier = { size: 0n, peaks: [] };

/** `SHA256(0x00 || entry)` (RFC 9162 section 2.1.1). */
export function logLeafHash(entry: Uint8Array): Uint8Array {
  return sha256(concatBytes(Uint8Array.of(0), entry));
}

/** `SHA256(0x01 || left || right)` of two 32-byte nodes. */
export function logNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(
    concatBytes(
      Uint8Array.of(1),
      requireLength("left node", left, 32),
      requireLength("right node", right, 32),
    ),
  );
}

/** The log with more entries at its end. */
export function appendToLog(frontier: LogFrontier, entries: Iterable<Uint8Array>): LogFrontier {
  requireFrontier(frontier);
  const peaks = [...frontier.peaks];
  let size = frontier.size;
  for (const entry of entries) {
    let node = logLeafHash(entry);
    for (let bits = size; bits & 1n; bits >>= 1n) node = logNode(peaks.pop() ?? node, node);
    peaks.push(node);
    size += 1n;
  }
  return { size, peaks };
}

/** Root of the log; SHA-256 of nothing for the empty one. */
export function logRoot(frontier: LogFrontier): Uint8Array {
  requireFrontier(frontier);
  const [last, ...rest] = frontier.peaks.toReversed();
  if (last === undefined) return sha256(new Uint8Array());
  return rest.reduce((right, left) => logNode(left, right), last);
}

function requireFrontier({ size, peaks }: LogFrontier): void {
  const expected = size < 0n ? -1 : size.toString(2).replaceAll("0", "").length;
  if (peaks.length === expected) return;
  throw InputError.expected(`log frontier of size ${size}`, `${expected} peaks`, peaks.length);
}
