import { logRoot, verifyLogInclusion } from "../../src/core/log/index.ts";
import type { Store } from "../../src/sequencer/store/index.ts";
import { EMPTY_EDGE, extendEdge } from "../../src/sequencer/tree/edge.ts";
import { LogReader, type StreamKey } from "../../src/sequencer/tree/index.ts";
import { writeTiles } from "../../src/sequencer/tree/tile-rows.ts";
import { fillStream, leafAt, newStream, openStream } from "../../test/sequencer/tree/support.ts";

/** Milliseconds of inclusion proofs at random places, in ascending order. */
export interface ProofTimes {
  /** By a reader that has the tiles in memory. */
  readonly warm: readonly number[];
  /** By one with its usual memory, which has to ask the database for about half of the tiles. */
  readonly usual: readonly number[];
}

/** Tiles in memory of the one that has all. */
const ALL_TILES = 8_192;
const CHUNK = 65_536;

/**
 * Times inclusion proofs in a stream of `size` generated leaves, put into the tables by their owner: the way in would take an
 * hour for the same. One proof of a hundred is verified.
 */
export async function measureProofs(store: Store, size: number, proofs: number): Promise<ProofTimes> {
  const stream = newStream();
  await fillTree(store, stream, size);
  const database = store.as("app");
  const all = new LogReader(database, { tiles: ALL_TILES });
  const usual = new LogReader(database);
  for (let index = 0; index < size; index += 256) await all.inclusion(stream, BigInt(index), BigInt(size));
  for (let i = 0; i < proofs / 2; i += 1) await usual.inclusion(stream, placeIn(size), BigInt(size));
  const root = logRoot(await all.frontier(stream, BigInt(size)));
  const timed = async (reader: LogReader): Promise<number[]> => {
    const times: number[] = [];
    for (let i = 0; i < proofs; i += 1) {
      const place = placeIn(size);
      const began = performance.now();
      const proof = await reader.inclusion(stream, place, BigInt(size));
      times.push(performance.now() - began);
      if (i % 100 === 0) verifyLogInclusion(leafAt(Number(place) + 1), proof, root);
    }
    return times.sort((a, b) => a - b);
  };
  return { warm: await timed(all), usual: await timed(usual) };
}

async function fillTree(store: Store, stream: StreamKey, size: number): Promise<void> {
  await openStream(store, stream);
  let edge = EMPTY_EDGE;
  for (let at = 0; at < size; at += CHUNK) {
    const count = Math.min(CHUNK, size - at);
    const extension = extendEdge(
      edge,
      Array.from({ length: count }, (_, index) => leafAt(at + index + 1)),
    );
    edge = extension.edge;
    await store.as("owner").transaction(null, (sql) => writeTiles(sql, stream, extension.complete));
  }
  // What is in no complete tile is read from the events.
  await store
    .as("owner")
    .transaction(null, (sql) =>
      sql.query("UPDATE streams SET head = $3 WHERE tenant_id = $1 AND store_id = $2", [
        stream.tenant,
        stream.store,
        size - (size % 256),
      ]),
    );
  await fillStream(store, stream, size);
}

function placeIn(size: number): bigint {
  return BigInt(Math.floor(Math.random() * size));
}
