import { CheckError } from "../../core/errors.ts";
import type { Sql } from "../store/index.ts";
import type { PlacedTile } from "./edge.ts";
import { Tile } from "./tile.ts";

/** A stream by its UUIDs. */
export interface StreamKey {
  readonly tenant: string;
  readonly store: string;
}

/** Where a tile is; see `PlacedTile`. */
export type TilePlace = Pick<PlacedTile, "level" | "index">;

/** Most leaves in one answer of the database. */
const CHUNK = 8_192;

/** Reads complete tiles, in the order they were asked for. @throws CheckError when one is not there. */
export async function readTiles(
  sql: Sql,
  { tenant, store }: StreamKey,
  places: readonly TilePlace[],
): Promise<Tile[]> {
  if (places.length === 0) return [];
  const rows = await sql.query<{ level: number; tile_index: bigint; hashes: Uint8Array }>(
    `SELECT level, tile_index, hashes FROM log_tiles WHERE tenant_id = $1 AND store_id = $2
       AND (level, tile_index) IN (SELECT * FROM unnest($3::smallint[], $4::bigint[]))`,
    [tenant, store, places.map(({ level }) => level), places.map(({ index }) => index)],
  );
  const found = new Map(rows.map((row) => [`${row.level}/${row.tile_index}`, row.hashes]));
  return places.map(({ level, index }) => {
    const hashes = found.get(`${level}/${index}`);
    if (hashes === undefined)
      throw new CheckError(`the log of store ${store} lacks tile ${index} of level ${level}`, {
        next: "compare the database with its last backup",
      });
    return new Tile(hashes);
  });
}

/** Writes complete tiles; they are never written again. */
export async function writeTiles(
  sql: Sql,
  { tenant, store }: StreamKey,
  tiles: readonly PlacedTile[],
): Promise<void> {
  if (tiles.length === 0) return;
  await sql.query(
    `INSERT INTO log_tiles (tenant_id, store_id, level, tile_index, hashes)
       SELECT $1::uuid, $2::uuid, level, tile_index, hashes
       FROM ROWS FROM (unnest($3::smallint[]), unnest($4::bigint[]), unnest($5::bytea[])) AS t (level, tile_index, hashes)`,
    [
      tenant,
      store,
      tiles.map(({ level }) => level),
      tiles.map(({ index }) => index),
      tiles.map(({ tile }) => tile.hashes),
    ],
  );
}

/**
 * The events' leaves after the first `from` of a stream up to the first `to`, in parts that memory holds.
 *
 * @throws CheckError when one is not there.
 */
export async function* readLeaves(
  sql: Sql,
  { tenant, store }: StreamKey,
  from: number,
  to: number,
): AsyncGenerator<Uint8Array[]> {
  for (let at = from; at < to; at += CHUNK) {
    const end = Math.min(at + CHUNK, to);
    const rows = await sql.query<{ leaf: Uint8Array }>(
      `SELECT leaf FROM events WHERE tenant_id = $1 AND store_id = $2 AND sequence > $3 AND sequence <= $4
         ORDER BY sequence`,
      [tenant, store, at, end],
    );
    if (rows.length !== end - at)
      throw new CheckError(
        `the log of store ${store}: expected ${end - at} events from ${at + 1} to ${end}, got ${rows.length}`,
        { next: "compare the database with its last backup" },
      );
    yield rows.map(({ leaf }) => leaf);
  }
}
