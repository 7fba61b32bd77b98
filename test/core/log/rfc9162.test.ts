import { RFC9162 } from "@transmute/rfc9162";
import { expect } from "chai";
import { fromHex, toHex } from "../../../src/core/bytes.ts";
import { CheckError, InputError } from "../../../src/core/errors.ts";
import {
  appendToLog,
  EMPTY_LOG,
  LogTree,
  logLeafHash,
  logNode,
  logRoot,
  verifyLogConsistency,
  verifyLogInclusion,
} from "../../../src/core/log/index.ts";
import { at, bytes32 } from "./support.ts";

const MOST = 64;
const ENTRIES = Array.from({ length: MOST }, (_, i) => bytes32(i));
const TREE = new LogTree(ENTRIES);

const sizes = (least: number, most: number) => Array.from({ length: most - least + 1 }, (_, i) => least + i);

const inclusion = (index: number, size: number) => ({
  index: BigInt(index),
  size: BigInt(size),
  path: TREE.inclusionPath(index, size),
});

const consistency = (first: number, second: number) => ({
  first: BigInt(first),
  second: BigInt(second),
  path: TREE.consistencyPath(first, second),
});

describe("log tree: the vectors of Certificate Transparency", () => {
  const INPUTS = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
  ];
  const ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  ];
  const INCLUSION: readonly (readonly [index: number, size: number, path: readonly string[]])[] = [
    [0, 1, []],
    [2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]],
    [
      1,
      5,
      [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      ],
    ],
    [
      0,
      8,
      [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
      ],
    ],
    [
      5,
      8,
      [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      ],
    ],
  ];
  const CONSISTENCY: readonly (readonly [first: number, second: number, path: readonly string[]])[] = [
    [1, 1, []],
    [
      1,
      8,
      [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
      ],
    ],
    [
      6,
      8,
      [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      ],
    ],
    [
      2,
      5,
      [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      ],
    ],
  ];
  const tree = new LogTree(INPUTS.map((input) => fromHex("input", `0x${input}`)));
  const bare = (nodes: readonly Uint8Array[]) => nodes.map((node) => toHex(node).slice(2));

  it("has their roots for sizes 0 to 8", () => {
    expect(bare(sizes(0, 8).map((size) => tree.root(size)))).to.deep.equal(ROOTS);
  });

  it("makes their inclusion proofs", () => {
    for (const [index, size, path] of INCLUSION) {
      expect(bare(tree.inclusionPath(index, size)), `${index} of ${size}`).to.deep.equal(path);
    }
  });

  it("makes their consistency proofs", () => {
    for (const [first, second, path] of CONSISTENCY) {
      expect(bare(tree.consistencyPath(first, second)), `${first} to ${second}`).to.deep.equal(path);
    }
  });
});

describe("log tree: agreement with the oracle @transmute/rfc9162", () => {
  for (const size of [1, 2, 3, 7, 8, 13, 21]) {
    it(`root and all proofs at size ${size}`, async () => {
      const entries = ENTRIES.slice(0, size);
      expect(toHex(TREE.root(size))).to.equal(toHex(await RFC9162.MTH(entries)));
      for (const index of sizes(0, size - 1)) {
        const path = await RFC9162.PATH(index, entries);
        expect(TREE.inclusionPath(index, size).map(toHex)).to.deep.equal(path.map(toHex));
      }
      for (const first of sizes(1, size - 1)) {
        const path = (await RFC9162.PROOF(first, entries)).map(toHex);
        // For a power of two the oracle adds the first root, which the RFC leaves out: SUBPROOF(m, D_m, true) = {}.
        if (Number.isInteger(Math.log2(first))) expect(path.shift()).to.equal(toHex(TREE.root(first)));
        expect(TREE.consistencyPath(first, size).map(toHex)).to.deep.equal(path);
      }
    });
  }
});

describe(`log tree: every size up to ${MOST}`, () => {
  it("appending to a frontier gives the tree's roots, whatever the steps", () => {
    for (const first of sizes(0, MOST)) {
      const start = appendToLog(EMPTY_LOG, ENTRIES.slice(0, first));
      expect(start).to.deep.equal(TREE.frontier(first));
      expect(logRoot(appendToLog(start, ENTRIES.slice(first)))).to.deep.equal(TREE.root());
    }
  });

  it("proves every entry", () => {
    for (const size of sizes(1, MOST)) {
      for (const index of sizes(0, size - 1)) {
        verifyLogInclusion(at(ENTRIES, index), inclusion(index, size), TREE.root(size));
      }
    }
  });

  it("proves every earlier size a prefix", () => {
    for (const second of sizes(1, MOST)) {
      for (const first of sizes(1, second)) {
        verifyLogConsistency(consistency(first, second), TREE.root(first), TREE.root(second));
      }
    }
  });
});

describe("log tree: inclusion proofs that must fail", () => {
  const SIZE = 13;
  const root = TREE.root(SIZE);
  const fails = (entry: Uint8Array, proof: ReturnType<typeof inclusion>, against = root, reason = "it") =>
    expect(() => verifyLogInclusion(entry, proof, against)).to.throw(
      CheckError,
      `log inclusion proof: ${reason}`,
    );

  it("for another index", () => {
    for (const index of sizes(0, SIZE - 1)) {
      for (const other of sizes(0, SIZE - 1).filter((i) => i !== index)) {
        fails(at(ENTRIES, index), { ...inclusion(index, SIZE), index: BigInt(other) });
      }
    }
  });

  it("for another size, whose root is known", () => {
    for (const index of sizes(0, SIZE - 1)) {
      for (const other of sizes(index + 1, MOST).filter((size) => size !== SIZE)) {
        fails(at(ENTRIES, index), { ...inclusion(index, SIZE), size: BigInt(other) }, TREE.root(other));
      }
    }
  });

  it("truncated or extended", () => {
    for (const index of sizes(0, SIZE - 1)) {
      const proof = inclusion(index, SIZE);
      const { path } = proof;
      for (const less of [path.slice(1), path.slice(0, -1), []]) {
        fails(at(ENTRIES, index), { ...proof, path: less }, root, "it has too few nodes");
      }
      for (const more of [
        [...path, bytes32(99)],
        [bytes32(99), ...path],
      ]) {
        fails(at(ENTRIES, index), { ...proof, path: more }, root, "it has too many nodes");
      }
    }
  });

  it("for another entry", () => fails(at(ENTRIES, 4), inclusion(3, SIZE)));

  it("with an inner node given as an entry: a second preimage of the root", () => {
    const node = logNode(logLeafHash(at(ENTRIES, 0)), logLeafHash(at(ENTRIES, 1)));
    const children = new Uint8Array([...logLeafHash(at(ENTRIES, 0)), ...logLeafHash(at(ENTRIES, 1))]);
    const shorter = {
      index: 0n,
      size: 2n,
      path: [logNode(logLeafHash(at(ENTRIES, 2)), logLeafHash(at(ENTRIES, 3)))],
    };
    // Without the two prefixes this would hold: the tree over two "entries" would have the root of the tree over four.
    fails(node, shorter, TREE.root(4));
    fails(children, shorter, TREE.root(4));
  });

  it("with an index outside the log, or a log without entries", () => {
    for (const [index, size] of [
      [13n, 13n],
      [-1n, 13n],
      [0n, 0n],
    ] as const) {
      const proof = { ...inclusion(0, SIZE), index, size };
      expect(() => verifyLogInclusion(at(ENTRIES, 0), proof, root)).to.throw(
        InputError,
        /^log index: expected/,
      );
    }
  });
});

describe("log tree: consistency proofs that must fail", () => {
  const fails = (proof: ReturnType<typeof consistency>, first: Uint8Array, second: Uint8Array, reason = "") =>
    expect(() => verifyLogConsistency(proof, first, second)).to.throw(
      CheckError,
      `log consistency proof: ${reason}`,
    );

  it("a fork: one old entry changed", () => {
    for (const first of sizes(1, 20)) {
      for (const changed of sizes(0, first - 1)) {
        const fork = new LogTree(
          ENTRIES.slice(0, 21).map((entry, i) => (i === changed ? bytes32(999) : entry)),
        );
        const proof = { ...consistency(first, 21), path: fork.consistencyPath(first, 21) };
        fails(proof, TREE.root(first), fork.root());
      }
    }
  });

  it("between other sizes, whose roots are known", () => {
    for (const first of sizes(1, 20)) {
      for (const second of sizes(first + 1, 21)) {
        const proof = consistency(first, second);
        if (first + 1 < second) {
          fails({ ...proof, first: BigInt(first + 1) }, TREE.root(first + 1), TREE.root(second));
        }
        fails({ ...proof, second: BigInt(second + 1) }, TREE.root(first), TREE.root(second + 1));
      }
    }
  });

  it("truncated or extended", () => {
    for (const first of sizes(1, 20)) {
      const proof = consistency(first, 21);
      const { path } = proof;
      for (const less of [path.slice(1), path.slice(0, -1), []]) {
        fails({ ...proof, path: less }, TREE.root(first), TREE.root(21), "it has too few nodes");
      }
      for (const more of [
        [...path, bytes32(9)],
        [bytes32(9), ...path],
      ]) {
        fails({ ...proof, path: more }, TREE.root(first), TREE.root(21), "it has too many nodes");
      }
    }
  });

  it("equal sizes with different roots, or with a path", () => {
    fails({ first: 5n, second: 5n, path: [] }, TREE.root(5), TREE.root(6));
    fails({ first: 5n, second: 5n, path: [bytes32(1)] }, TREE.root(5), TREE.root(5));
  });

  it("a log that shrank, or one that starts from nothing", () => {
    for (const [first, second] of [
      [6n, 5n],
      [0n, 5n],
    ] as const) {
      const proof = { first, second, path: [] };
      expect(() => verifyLogConsistency(proof, TREE.root(5), TREE.root(5))).to.throw(
        InputError,
        /^first log size/,
      );
    }
  });
});

describe("log tree: a frontier that is no frontier", () => {
  it("is refused with what it should have had", () => {
    const torn = { size: 3n, peaks: [bytes32(1)] };
    expect(() => logRoot(torn)).to.throw(InputError, "log frontier of size 3: expected 2 peaks, got 1");
    expect(() => appendToLog(torn, [bytes32(2)])).to.throw(InputError);
  });
});
