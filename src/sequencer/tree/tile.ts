import { requireLength } from "../../core/bytes.ts";
import { InputError } from "../../core/errors.ts";
import { logNode } from "../../core/log/index.ts";

/** Hashes in a complete tile (C2SP tlog-tiles). */
export const TILE_WIDTH = 256;
/** Levels of the tree that one tile spans: its root is one hash of the level above. */
export const TILE_HEIGHT = 8;
const HASH = 32;

/**
 * Neighbouring hashes of one level of a log's tree, at most 256, with the nodes above them that they determine.
 *
 * A complete tile never changes; one at the right edge of the tree is replaced by a wider one as the log grows.
 */
export class Tile {
  /** `nodes[h]` are the roots over 2^h hashes each, one after the other, 32 bytes each. */
  readonly #nodes: readonly Uint8Array[];

  /** @param hashes Of the tile's lowest level, 32 bytes each, left to right. */
  constructor(hashes: Uint8Array) {
    if (hashes.length % HASH !== 0 || hashes.length > TILE_WIDTH * HASH)
      throw InputError.expected("tile", `at most ${TILE_WIDTH} hashes of ${HASH} bytes`, hashes);
    const nodes = [hashes];
    for (let level = hashes; level.length >= 2 * HASH; nodes.push(level)) level = above(level);
    this.#nodes = nodes;
  }

  static of(hashes: readonly Uint8Array[]): Tile {
    const joined = new Uint8Array(hashes.length * HASH);
    hashes.forEach((hash, index) => {
      joined.set(requireLength("hash", hash, HASH), index * HASH);
    });
    return new Tile(joined);
  }

  /** How many hashes it has, 0 to 256. */
  get width(): number {
    return this.hashes.length / HASH;
  }

  get isComplete(): boolean {
    return this.width === TILE_WIDTH;
  }

  /** All hashes of the lowest level, 32 bytes each. */
  get hashes(): Uint8Array {
    return this.#nodes[0] ?? new Uint8Array();
  }

  /** The root over hashes `index * 2^height` to `(index + 1) * 2^height - 1`; undefined when it has not all of them. */
  node(height: number, index: number): Uint8Array | undefined {
    const level = this.#nodes[height];
    if (level === undefined || (index + 1) * HASH > level.length) return undefined;
    return level.slice(index * HASH, (index + 1) * HASH);
  }
}

/** The level above, without the node that lacks its right half. */
function above(level: Uint8Array): Uint8Array {
  const parents = new Uint8Array(Math.floor(level.length / HASH / 2) * HASH);
  for (let at = 0; at < parents.length; at += HASH) {
    const left = level.subarray(2 * at, 2 * at + HASH);
    parents.set(logNode(left, level.subarray(2 * at + HASH, 2 * at + 2 * HASH)), at);
  }
  return parents;
}
