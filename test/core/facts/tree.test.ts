import { expect } from "chai";
import fc from "fast-check";
import { SCALAR_ORDER } from "../../../src/core/bn254.ts";
import { InputError } from "../../../src/core/errors.ts";
import {
  buildFactsTree,
  circuitInputs,
  factCommitment,
  factsLeaf,
  factsRootFromPath,
  publicSignals,
} from "../../../src/core/facts/index.ts";

const leavesOf = (count: number): bigint[] =>
  Array.from({ length: count }, (_, i) => factsLeaf(1n, BigInt(i), 2n));

describe("facts tree", () => {
  it("has root 0 without leaves, which no proof can stand on", () => {
    expect(buildFactsTree([]).root).to.equal(0n);
    expect(() => buildFactsTree([]).path(0)).to.throw(InputError);
  });

  it("leads from every leaf to the root", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), fc.nat(), (count, pick) => {
        const leaves = leavesOf(count);
        const tree = buildFactsTree(leaves);
        const index = pick % count;
        expect(factsRootFromPath(leaves[index] ?? 0n, tree.path(index))).to.equal(tree.root);
      }),
      { numRuns: 15 },
    );
  });

  it("depends on the order and on every leaf", () => {
    const leaves = leavesOf(9);
    const roots = [leaves, [...leaves].reverse(), leaves.slice(1), [...leaves, 5n]].map(
      (l) => buildFactsTree(l).root,
    );
    expect(new Set(roots).size).to.equal(roots.length);
  });

  it("refuses a leaf that stands for an empty place", () => {
    expect(() => buildFactsTree([1n, 0n])).to.throw(InputError, /empty place/);
  });

  it("refuses a leaf that is no field element", () => {
    expect(() => buildFactsTree([SCALAR_ORDER])).to.throw(InputError);
    expect(() => buildFactsTree([-1n])).to.throw(InputError);
  });

  it("refuses more leaves than 2^18", () => {
    expect(() => buildFactsTree(new Array(2 ** 18 + 1).fill(1n))).to.throw(InputError, /262144/);
  });

  it("refuses a path to a leaf that is not there", () => {
    const tree = buildFactsTree(leavesOf(3));
    for (const index of [-1, 3, 0.5]) expect(() => tree.path(index)).to.throw(InputError);
  });

  it("does not lead anywhere from a foreign leaf, an empty place or an inner node", () => {
    const tree = buildFactsTree(leavesOf(9));
    const path = tree.path(0);
    expect(factsRootFromPath(factsLeaf(1n, 99n, 2n), path)).to.equal(undefined);
    expect(factsRootFromPath(0n, tree.path(8))).to.equal(undefined);
    expect(factsRootFromPath(path[1]?.[0] ?? 0n, path)).to.equal(undefined);
    expect(() => factsRootFromPath(path[1]?.[0] ?? 0n, path.slice(1))).to.throw(InputError, /6 levels/);
    expect(() => factsRootFromPath(1n, [[1n], ...path.slice(1)])).to.throw(InputError, /8 children/);
  });
});

describe("facts leaf", () => {
  it("changes with the subject, the sequence and the commitment", () => {
    const leaves = [
      factsLeaf(1n, 1n, 1n),
      factsLeaf(2n, 1n, 1n),
      factsLeaf(1n, 2n, 1n),
      factsLeaf(1n, 1n, 2n),
    ];
    expect(new Set(leaves).size).to.equal(4);
  });

  it("refuses values out of range", () => {
    expect(() => factsLeaf(SCALAR_ORDER, 1n, 1n)).to.throw(InputError);
    expect(() => factsLeaf(1n, 2n ** 64n, 1n)).to.throw(InputError);
    expect(() => factsLeaf(1n, -1n, 1n)).to.throw(InputError);
    expect(() => factsLeaf(1n, 1n, SCALAR_ORDER)).to.throw(InputError);
  });
});

describe("circuit inputs", () => {
  const facts = { amounts: [1n, 2n, 3n, 4n], category: 5, salt: 6n } as const;
  const policy = { weights: [1, -1, 0, 0], lower: -9n, upper: 9n, categoryMask: 32n } as const;
  const tree = buildFactsTree([factsLeaf(7n, 8n, factCommitment(facts))]);
  const statement = { facts, policy, subject: 7n, sequence: 8n, context: 9n, path: tree.path(0) };

  it("carry signed numbers as field elements and weights in offset form", () => {
    const inputs = circuitInputs(statement);
    expect(inputs.lower).to.equal(SCALAR_ORDER - 9n);
    expect(inputs.weights).to.deep.equal([2n ** 31n + 1n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 31n]);
    expect(publicSignals(inputs)).to.deep.equal([tree.root, inputs.policyHash, 7n, 9n]);
  });

  it("are refused for another agent, another sequence or other facts than the leaf's", () => {
    const others = [{ subject: 8n }, { sequence: 9n }, { facts: { ...facts, salt: 7n } }];
    for (const other of others) {
      expect(() => circuitInputs({ ...statement, ...other })).to.throw(InputError, /path/);
    }
  });

  it("are refused with a context that is no field element", () => {
    expect(() => circuitInputs({ ...statement, context: SCALAR_ORDER })).to.throw(InputError);
  });
});
