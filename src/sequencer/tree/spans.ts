import { InputError } from "../../core/errors.ts";

/** Entries `start` (from 0) to `end - 1` of a log; a proof's hash is the root over one. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The root of the complete subtree over entries `index * 2^height` to `(index + 1) * 2^height - 1`. */
export interface NodeId {
  readonly height: number;
  readonly index: number;
}

/** Spans of the path of entry `index` in the log of `size` entries, leaf's sibling first (RFC 9162 section 2.1.3.1). */
export function inclusionSpans(index: number, size: number): Span[] {
  requireBetween("size", size, 1, Number.MAX_SAFE_INTEGER);
  requireBetween("index", index, 0, size - 1);
  const spans: Span[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const split = start + powerBelow(end - start);
    spans.push(index < split ? { start: split, end } : { start, end: split });
    if (index < split) end = split;
    else start = split;
  }
  return spans.reverse();
}

/** Spans of the proof that the log of `first` entries is a prefix of that of `second` (RFC 9162 section 2.1.4.1). */
export function consistencySpans(first: number, second: number): Span[] {
  requireBetween("second size", second, 1, Number.MAX_SAFE_INTEGER);
  requireBetween("first size", first, 1, second);
  const spans: Span[] = [];
  let [start, end] = [0, second];
  // While the walk is still on the left edge the verifier has the root of what is left itself.
  while (first !== end) {
    const split = start + powerBelow(end - start);
    spans.push(first <= split ? { start: split, end } : { start, end: split });
    if (first <= split) end = split;
    else start = split;
  }
  if (start > 0) spans.push({ start, end });
  return spans.reverse();
}

/** The complete subtrees that make up a span, left to right; there are as many as bits in its length. */
export function nodesOf({ start, end }: Span): NodeId[] {
  const nodes: NodeId[] = [];
  for (let at = start; at < end; ) {
    const width = powerUpTo(end - at);
    nodes.push({ height: Math.log2(width), index: at / width });
    at += width;
  }
  return nodes;
}

function requireBetween(what: string, value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw InputError.expected(what, `${least} to ${most}`, value);
}

/** Largest power of two below `n` (RFC 9162: k with k < n <= 2k). */
const powerBelow = (n: number): number => powerUpTo(n - 1);

/** Largest power of two up to `n`; exact where a logarithm of a large number is not. */
function powerUpTo(n: number): number {
  let power = 2 ** Math.floor(Math.log2(n));
  while (power > n) power /= 2;
  while (power * 2 <= n) power *= 2;
  return power;
}
