import { InputError } from "../errors.ts";
import { type LogFrontier, logLeafHash, logNode, logRoot } from "./log-frontier.ts";

/**
 * An RFC 9162 log held whole in memory: appends, and proofs for every size it ever had.
 *
 * `nodes[h][i]` is the root of the complete subtree over entries `i * 2^h` to `(i + 1) * 2^h - 1`.
 */
export class LogTree {
  readonly #nodes: Uint8Array[][] = [[]];

  constructor(entries: Iterable<Uint8Array> = []) {
    for (const entry of entries) this.append(entry);
  }

  /** Number of entries. */
  get size(): number {
    return this.#level(0).length;
  }

  append(entry: Uint8Array): void {
    let node = logLeafHash(entry);
    for (let height = 0; ; height++) {
      const level = this.#level(height);
      level.push(node);
      const left = level.at(-2);
      if (level.length % 2 === 1 || left === undefined) return;
      node = logNode(left, node);
    }
  }

  /** What `appendToLog` goes on from. */
  frontier(size = this.size): LogFrontier {
    this.#requireSize("size", size, 0, this.size);
    const peaks: Uint8Array[] = [];
    for (let start = 0; start < size; ) {
      const width = largestPowerUpTo(size - start);
      peaks.push(this.#range(start, start + width));
      start += width;
    }
    return { size: BigInt(size), peaks };
  }

  /** Root over the first `size` entries. */
  root(size = this.size): Uint8Array {
    return logRoot(this.frontier(size));
  }

  /** Path of entry `index` (from 0) in the log of `size` entries: PATH of RFC 9162 section 2.1.3.1. */
  inclusionPath(index: number, size = this.size): Uint8Array[] {
    this.#requireSize("size", size, 1, this.size);
    this.#requireSize("index", index, 0, size - 1);
    return this.#path(index, 0, size);
  }

  /** Proof that the log of `first` entries is a prefix of that of `second`: PROOF of RFC 9162 section 2.1.4.1. */
  consistencyPath(first: number, second = this.size): Uint8Array[] {
    this.#requireSize("second size", second, 1, this.size);
    this.#requireSize("first size", first, 1, second);
    return this.#subproof(first, 0, second, true);
  }

  #path(index: number, start: number, end: number): Uint8Array[] {
    if (end - start === 1) return [];
    const split = start + splitOf(end - start);
    return index < split
      ? [...this.#path(index, start, split), this.#range(split, end)]
      : [...this.#path(index, split, end), this.#range(start, split)];
  }

  /** `known`: the verifier has the root of `start..first` already. */
  #subproof(first: number, start: number, end: number, known: boolean): Uint8Array[] {
    if (first === end) return known ? [] : [this.#range(start, end)];
    const split = start + splitOf(end - start);
    return first <= split
      ? [...this.#subproof(first, start, split, known), this.#range(split, end)]
      : [...this.#subproof(first, split, end, false), this.#range(start, split)];
  }

  /** Root over entries `start..end`, where `start` is a multiple of the smallest power of two that covers the range. */
  #range(start: number, end: number): Uint8Array {
    const width = end - start;
    const height = Math.log2(width);
    const complete = Number.isInteger(height) ? this.#nodes[height]?.[start / width] : undefined;
    if (complete !== undefined) return complete;
    const split = start + splitOf(width);
    return logNode(this.#range(start, split), this.#range(split, end));
  }

  #level(height: number): Uint8Array[] {
    const level = this.#nodes[height] ?? [];
    this.#nodes[height] = level;
    return level;
  }

  #requireSize(what: string, value: number, least: number, most: number): void {
    if (Number.isInteger(value) && value >= least && value <= most) return;
    throw InputError.expected(what, `${least} to ${most}`, value);
  }
}

/** Largest power of two below `n` (RFC 9162: k with k < n <= 2k). */
function splitOf(n: number): number {
  return largestPowerUpTo(n - 1);
}

function largestPowerUpTo(n: number): number {
  return 2 ** Math.floor(Math.log2(n));
}
