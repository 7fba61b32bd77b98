import { RFC9162 } from "@transmute/rfc9162";
import { expect } from "chai";
import { CheckError, InputError } from "../../../src/core/errors.ts";
import { LogTree, logRoot, verifyLogConsistency, verifyLogInclusion } from "../../../src/core/log/index.ts";
import { EMPTY_EDGE, extendEdge, frontierOf } from "../../../src/sequencer/tree/edge.ts";
import { LogReader } from "../../../src/sequencer/tree/index.ts";
import { readLeaves, writeTiles } from "../../../src/sequencer/tree/tile-rows.ts";
import { emptyStore, type TestStore } from "../support.ts";
import { fillStream, leafAt, openStream, STREAM } from "./support.ts";

/** Beyond one tile of tiles, with something left over on every level. */
const SIZE = 65_536 + 3 * 256 + 77;
const SIZES = [1, 2, 3, 255, 256, 257, 511, 513, 65_535, 65_536, 65_537, 66_000, SIZE];

describe("A stream's tree in tiles", function () {
  this.timeout(120_000);
  let test: TestStore;
  const tree = new LogTree();
  const bytes = (hash: Uint8Array): Uint8Array => new Uint8Array(hash);
  const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

  before(async () => {
    test = await emptyStore("pglite");
    await openStream(test.store, STREAM);
    await fillStream(test.store, STREAM, SIZE);
    for (const index of numbers(SIZE)) tree.append(leafAt(index + 1));
    await test.store.as("app").transaction(STREAM.tenant, async (sql) => {
      let edge = EMPTY_EDGE;
      for await (const leaves of readLeaves(sql, STREAM, 0, SIZE)) {
        const extension = extendEdge(edge, leaves);
        await writeTiles(sql, STREAM, extension.complete);
        edge = extension.edge;
      }
    });
  });
  after(() => test?.close());

  it("an edge that grows in steps of any size has the roots of the tree held whole", () => {
    for (const step of [1, 7, 256, 1000]) {
      let edge = EMPTY_EDGE;
      for (let from = 0; from < 1500; from += step) {
        const added = numbers(Math.min(step, 1500 - from)).map((offset) => leafAt(from + offset + 1));
        edge = extendEdge(edge, added).edge;
        expect(logRoot(frontierOf(edge)), `${step}: ${edge.size}`).to.deep.equal(tree.root(edge.size));
      }
    }
  });

  it("gives the proofs of the tree held whole, for old sizes too, which an RFC 9162 client accepts", async () => {
    const reader = new LogReader(test.store.as("app"));
    for (const size of SIZES) {
      const root = tree.root(size);
      for (const index of new Set([0, 1, 254, 255, 256, 65_535, 65_536, size - 2, size - 1])) {
        if (index < 0 || index >= size) continue;
        const proof = await reader.inclusion(STREAM, BigInt(index), BigInt(size));
        expect(proof.path, `${index} in ${size}`).to.deep.equal(tree.inclusionPath(index, size));
        verifyLogInclusion(leafAt(index + 1), proof, root);
      }
      for (const first of SIZES.filter((each) => each <= size)) {
        const proof = await reader.consistency(STREAM, BigInt(first), BigInt(size));
        expect(proof.path, `${first} in ${size}`).to.deep.equal(tree.consistencyPath(first, size));
        verifyLogConsistency(proof, tree.root(first), root);
      }
      expect(logRoot(await reader.frontier(STREAM, BigInt(size)))).to.deep.equal(root);
    }
  });

  it("gives the proofs that another implementation computes from all entries", async () => {
    const reader = new LogReader(test.store.as("app"));
    const entries = numbers(600).map((index) => leafAt(index + 1));
    const path = await RFC9162.PATH(300, entries);
    expect((await reader.inclusion(STREAM, 300n, 600n)).path).to.deep.equal(path.map(bytes));
    const consistency = await RFC9162.PROOF(257, entries);
    expect((await reader.consistency(STREAM, 257n, 600n)).path).to.deep.equal(consistency.map(bytes));
  });

  it("with every index and size of small logs", async () => {
    const reader = new LogReader(test.store.as("app"));
    for (let size = 40; size >= 1; size--)
      for (let index = 0; index < size; index++) {
        const { path } = await reader.inclusion(STREAM, BigInt(index), BigInt(size));
        expect(path).to.deep.equal(tree.inclusionPath(index, size));
        const consistency = await reader.consistency(STREAM, BigInt(index + 1), BigInt(size));
        expect(consistency.path).to.deep.equal(tree.consistencyPath(index + 1, size));
      }
  });

  it("keeps few tiles when it may keep few, and still answers", async () => {
    const reader = new LogReader(test.store.as("app"), { tiles: 2, streams: 1 });
    for (const index of [5, 30_000, 60_000, 5]) {
      const proof = await reader.inclusion(STREAM, BigInt(index), BigInt(SIZE));
      verifyLogInclusion(leafAt(index + 1), proof, tree.root(SIZE));
    }
  });

  it("refuses indices and sizes that make no sense", async () => {
    const reader = new LogReader(test.store.as("app"));
    for (const [index, size] of [
      [5n, 5n],
      [-1n, 5n],
      [0n, 0n],
      [0n, 2n ** 60n],
    ] as const) {
      const refused = await reader.inclusion(STREAM, index, size).catch((error: unknown) => error);
      expect(refused, `${index} ${size}`).to.be.instanceOf(InputError);
    }
    const refused = await reader.consistency(STREAM, 0n, 5n).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(InputError);
  });

  it("says that events or tiles are missing instead of making them up", async () => {
    const reader = new LogReader(test.store.as("app"));
    const beyond = await reader.inclusion(STREAM, 0n, BigInt(SIZE + 1)).catch((error: unknown) => error);
    expect(beyond).to.be.instanceOf(CheckError);
    await test.store
      .as("owner")
      .transaction(null, (sql) => sql.query("DELETE FROM log_tiles WHERE level = 0 AND tile_index = 100"));
    const missing = await reader.inclusion(STREAM, 25_700n, BigInt(SIZE)).catch((error: unknown) => error);
    expect(missing).to.be.instanceOf(CheckError);
  });
});
