import { CheckError, InputError } from "../../core/errors.ts";
import {
  type LogConsistencyProof,
  type LogFrontier,
  type LogInclusionProof,
  logNode,
} from "../../core/log/index.ts";
import type { Database, Sql } from "../store/index.ts";
import { type Edge, extendEdge } from "./edge.ts";
import { loadEdge } from "./load-edge.ts";
import { Lru } from "./lru.ts";
import { consistencySpans, inclusionSpans, type NodeId, nodesOf, type Span } from "./spans.ts";
import { TILE_HEIGHT, TILE_WIDTH, type Tile } from "./tile.ts";
import { readLeaves, readTiles, type StreamKey, type TilePlace } from "./tile-rows.ts";

export interface LogReaderOptions {
  /** Tiles kept in memory, 16 KiB each; 2,048 without it. */
  readonly tiles?: number;
  /** Streams whose right edge is kept in memory; 1,024 without it. */
  readonly streams?: number;
}

/** An edge that is this much behind is loaded anew instead of going on. */
const CATCH_UP = 16_384;

/**
 * Proofs about streams' logs, of any size up to a published checkpoint. What they need is read from the database in tiles,
 * of which it keeps those that were used last.
 */
export class LogReader {
  readonly #database: Database;
  readonly #tiles: Lru<Tile>;
  readonly #edges: Lru<Edge>;

  constructor(database: Database, { tiles = 2_048, streams = 1_024 }: LogReaderOptions = {}) {
    this.#database = database;
    this.#tiles = new Lru(tiles);
    this.#edges = new Lru(streams);
  }

  /**
   * That the entry at `index` (a sequence number less one) is in the log of `size` entries.
   *
   * @param size At most that of a published checkpoint, which the caller looked up.
   * @throws InputError for an index outside the log; CheckError when the database lacks a part of the tree.
   */
  async inclusion(stream: StreamKey, index: bigint, size: bigint): Promise<LogInclusionProof> {
    const spans = inclusionSpans(toNumber("index", index), toNumber("size", size));
    return { index, size, path: await this.#resolve(stream, spans, Number(size)) };
  }

  /** That the log of `first` entries is a prefix of that of `second`. @throws as `inclusion`. */
  async consistency(stream: StreamKey, first: bigint, second: bigint): Promise<LogConsistencyProof> {
    const spans = consistencySpans(toNumber("first size", first), toNumber("second size", second));
    return { first, second, path: await this.#resolve(stream, spans, Number(second)) };
  }

  /** The roots of the log's complete subtrees at `size`, for `logRoot` and for going on. @throws as `inclusion`. */
  async frontier(stream: StreamKey, size: bigint): Promise<LogFrontier> {
    const nodes = nodesOf({ start: 0, end: toNumber("size", size) });
    const edge = await this.#edge(stream, Number(size));
    const tiles = await this.#load(stream, edge, nodes);
    return { size, peaks: nodes.map((node) => nodeIn(tiles, edge, node)) };
  }

  /** Takes an edge that was just published, so that it need not be loaded. */
  learn(stream: StreamKey, edge: Edge): void {
    if ((this.#edges.get(edgeKey(stream))?.size ?? 0) <= edge.size) this.#edges.set(edgeKey(stream), edge);
  }

  /** The edge of exactly this size, if it is in memory. */
  edgeAt(stream: StreamKey, size: number): Edge | undefined {
    const known = this.#edges.get(edgeKey(stream));
    return known?.size === size ? known : undefined;
  }

  async #resolve(stream: StreamKey, spans: readonly Span[], size: number): Promise<Uint8Array[]> {
    const edge = await this.#edge(stream, size);
    const parts = spans.map(nodesOf);
    const tiles = await this.#load(stream, edge, parts.flat());
    return parts.map((nodes) =>
      nodes.map((node) => nodeIn(tiles, edge, node)).reduceRight((right, left) => logNode(left, right)),
    );
  }

  async #edge(stream: StreamKey, size: number): Promise<Edge> {
    const known = this.#edges.get(edgeKey(stream));
    if (known !== undefined && known.size >= size) return known;
    const edge = await this.#database.transaction(stream.tenant, (sql) =>
      known !== undefined && size - known.size <= CATCH_UP
        ? goOn(sql, stream, known, size)
        : loadEdge(sql, stream, size),
    );
    this.learn(stream, edge);
    return edge;
  }

  /** The complete tiles that hold these nodes, by their keys. */
  async #load(stream: StreamKey, edge: Edge, nodes: readonly NodeId[]): Promise<Map<string, Tile>> {
    const found = new Map<string, Tile>();
    const missing = new Map<string, TilePlace>();
    for (const node of nodes) {
      const { place } = placeOf(node);
      const key = tileKey(place);
      if (isInEdge(edge, place) || found.has(key)) continue;
      const tile = this.#tiles.get(cacheKey(stream, place));
      if (tile === undefined) missing.set(key, place);
      else found.set(key, tile);
    }
    if (missing.size === 0) return found;
    const places = [...missing.values()];
    const tiles = await this.#database.transaction(stream.tenant, (sql) => readTiles(sql, stream, places));
    places.forEach((place, index) => {
      const tile = tiles[index] as Tile;
      found.set(tileKey(place), tile);
      this.#tiles.set(cacheKey(stream, place), tile);
    });
    return found;
  }
}

async function goOn(sql: Sql, stream: StreamKey, known: Edge, size: number): Promise<Edge> {
  let edge = known;
  for await (const leaves of readLeaves(sql, stream, known.size, size)) edge = extendEdge(edge, leaves).edge;
  return edge;
}

function nodeIn(tiles: ReadonlyMap<string, Tile>, edge: Edge, node: NodeId): Uint8Array {
  const { place, height, index } = placeOf(node);
  const tile = isInEdge(edge, place) ? edge.tiles[place.level] : tiles.get(tileKey(place));
  const hash = tile?.node(height, index);
  if (hash === undefined)
    throw new CheckError(`the log's tree lacks node ${node.index} of height ${node.height}`);
  return hash;
}

/** The tile that holds a node, and where in it. The root of a complete tile is looked for in the level above. */
function placeOf({ height, index }: NodeId): { place: TilePlace; height: number; index: number } {
  const level = Math.floor(height / TILE_HEIGHT);
  const within = height % TILE_HEIGHT;
  const width = TILE_WIDTH / 2 ** within;
  return {
    place: { level, index: Math.floor(index / width) },
    height: within,
    index: index % width,
  };
}

function isInEdge({ size }: Edge, { level, index }: TilePlace): boolean {
  return index >= Math.floor(size / TILE_WIDTH ** (level + 1));
}

function toNumber(what: string, value: bigint): number {
  if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
  throw InputError.expected(what, "below 2^53", value);
}

const edgeKey = ({ tenant, store }: StreamKey): string => `${tenant}/${store}`;
const tileKey = ({ level, index }: TilePlace): string => `${level}/${index}`;
const cacheKey = (stream: StreamKey, place: TilePlace): string => `${edgeKey(stream)}/${tileKey(place)}`;
