import type { Sql } from "../store/index.ts";
import { type Edge, EMPTY_EDGE, extendEdge, rootOf } from "./edge.ts";
import { TILE_WIDTH, Tile } from "./tile.ts";
import { readLeaves, readTiles, type StreamKey } from "./tile-rows.ts";

/**
 * The right edge at a size for which complete tiles are stored: leaf hashes from the newest events, and above them the roots
 * of tiles that are not yet part of a complete one.
 *
 * @throws CheckError when tiles or events are missing.
 */
export async function loadEdge(sql: Sql, stream: StreamKey, size: number): Promise<Edge> {
  const inTiles = size - (size % TILE_WIDTH);
  const levels: Tile[] = [];
  for await (const leaves of readLeaves(sql, stream, inTiles, size)) {
    levels.push(...extendEdge(EMPTY_EDGE, leaves).edge.tiles);
  }
  if (levels.length === 0) levels.push(Tile.of([]));
  for (let below = 0, count = Math.floor(size / TILE_WIDTH); count > 0; below++) {
    const first = count - (count % TILE_WIDTH);
    const places = Array.from({ length: count - first }, (_, offset) => ({
      level: below,
      index: first + offset,
    }));
    levels.push(Tile.of((await readTiles(sql, stream, places)).map(rootOf)));
    count = Math.floor(count / TILE_WIDTH);
  }
  return { size, tiles: levels };
}
