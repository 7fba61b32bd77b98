import { concatBytes } from "../../core/bytes.ts";
import { type LogFrontier, logLeafHash } from "../../core/log/index.ts";
import { TILE_WIDTH, Tile } from "./tile.ts";

/** The right edge of a log's tree: all that is not in complete tiles. It never changes; appending gives another. */
export interface Edge {
  /** Entries of the log. */
  readonly size: number;
  /** The incomplete tile of each level, which may be empty. */
  readonly tiles: readonly Tile[];
}

export const EMPTY_EDGE: Edge = { size: 0, tiles: [] };

/** A tile with its place: level 0 holds leaf hashes, each level above the roots of the tiles below. */
export interface PlacedTile {
  readonly level: number;
  readonly index: number;
  readonly tile: Tile;
}

/** An edge that went on. */
export interface Extension {
  readonly edge: Edge;
  /** Tiles that became complete, lower levels first. */
  readonly complete: readonly PlacedTile[];
}

/** The edge after more entries (the events' leaves, 32 bytes each). */
export function extendEdge(edge: Edge, entries: readonly Uint8Array[]): Extension {
  const complete: PlacedTile[] = [];
  const tiles: Tile[] = [];
  let added = entries.map(logLeafHash);
  for (let level = 0; added.length > 0 || level < edge.tiles.length; level++) {
    const { rest, full } = fill(edge.tiles[level], added);
    tiles.push(rest);
    const first = Math.floor(edge.size / TILE_WIDTH ** (level + 1));
    full.forEach((tile, offset) => {
      complete.push({ level, index: first + offset, tile });
    });
    added = full.map(rootOf);
  }
  return { edge: { size: edge.size + entries.length, tiles }, complete };
}

/** What `logRoot` takes: the roots of the complete subtrees, largest first. */
export function frontierOf({ size, tiles }: Edge): LogFrontier {
  return { size: BigInt(size), peaks: tiles.flatMap(peaksOf).reverse() };
}

/** A complete tile's root, which is one hash of the level above. */
export function rootOf(tile: Tile): Uint8Array {
  const root = tile.node(8, 0);
  if (root === undefined) throw new RangeError("an incomplete tile has no root");
  return root;
}

/** Fills a level's incomplete tile and as many after it as it takes. */
function fill(tile: Tile | undefined, added: readonly Uint8Array[]): { rest: Tile; full: Tile[] } {
  const full: Tile[] = [];
  let rest = tile ?? Tile.of([]);
  for (let at = 0; at < added.length; ) {
    const room = TILE_WIDTH - rest.width;
    rest = new Tile(concatBytes(rest.hashes, ...added.slice(at, at + room)));
    at += room;
    if (!rest.isComplete) break;
    full.push(rest);
    rest = Tile.of([]);
  }
  return { rest, full };
}

/** Roots of a tile's complete subtrees, smallest (and newest) first. */
function peaksOf(tile: Tile): Uint8Array[] {
  const peaks: Uint8Array[] = [];
  for (let height = 0; 2 ** height <= tile.width; height++) {
    if (Math.floor(tile.width / 2 ** height) % 2 === 0) continue;
    const peak = tile.node(height, Math.floor(tile.width / 2 ** height) - 1);
    if (peak !== undefined) peaks.push(peak);
  }
  return peaks;
}
