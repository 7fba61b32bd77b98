import { equalBytes } from "../../core/bytes.ts";
import { logLeafHash } from "../../core/log/index.ts";
import { TILE_WIDTH, Tile } from "../tree/tile.ts";

/** A complete tile as the leaves determine it. */
export interface DueTile {
  readonly level: number;
  readonly index: bigint;
  readonly hashes: Uint8Array;
}

/** Rebuilds a log's complete tiles from its leaves, with 256 hashes a level in memory. */
export class TileWalk {
  readonly #open: Uint8Array[][] = [];
  readonly #done: bigint[] = [];

  /** Appends a leaf; the tiles that it completes, lowest first. */
  append(leaf: Uint8Array): DueTile[] {
    const due: DueTile[] = [];
    let hash: Uint8Array | undefined = logLeafHash(leaf);
    for (let level = 0; hash !== undefined; level++) {
      const row: Uint8Array[] = this.#open[level] ?? [];
      this.#open[level] = row;
      row.push(hash);
      hash = undefined;
      if (row.length < TILE_WIDTH) continue;
      const tile: Tile = Tile.of(row);
      const index = this.#done[level] ?? 0n;
      due.push({ level, index, hashes: tile.hashes });
      this.#done[level] = index + 1n;
      this.#open[level] = [];
      hash = tile.node(8, 0);
    }
    return due;
  }

  /** Complete tiles so far, of all levels. */
  get count(): bigint {
    return this.#done.reduce((sum, count) => sum + count, 0n);
  }
}

/** Where a stored tile differs from the due one: the number of its first wrong hash; undefined when it does not. */
export function tileDifference(due: DueTile, stored: Uint8Array): number | undefined {
  if (stored.length !== due.hashes.length) return 0;
  for (let at = 0; at < stored.length; at += 32)
    if (!equalBytes(due.hashes.subarray(at, at + 32), stored.subarray(at, at + 32))) return at / 32;
  return undefined;
}
