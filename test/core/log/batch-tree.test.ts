import { expect } from "chai";
import { CheckError, InputError } from "../../../src/core/errors.ts";
import {
  type BatchInclusionProof,
  batchInclusionProof,
  batchNode,
  batchRoot,
  PAD_LEAF,
  verifyBatchInclusion,
} from "../../../src/core/log/index.ts";
import { at, bytes32 } from "./support.ts";

const LEAVES = Array.from({ length: 33 }, (_, i) => bytes32(i));
const counts = LEAVES.map((_, i) => i + 1);

describe("batch tree", () => {
  it("is the pad leaf when empty, the leaf itself for one, and padded to a power of two", () => {
    const [a, b, c] = [at(LEAVES, 0), at(LEAVES, 1), at(LEAVES, 2)];
    expect(batchRoot([])).to.deep.equal(PAD_LEAF);
    expect(batchRoot([a])).to.deep.equal(a);
    expect(batchRoot([a, b])).to.deep.equal(batchNode(a, b));
    expect(batchRoot([a, b, c])).to.deep.equal(batchNode(batchNode(a, b), batchNode(c, PAD_LEAF)));
  });

  it("proves every leaf of every count", () => {
    for (const count of counts) {
      const leaves = LEAVES.slice(0, count);
      const root = batchRoot(leaves);
      leaves.forEach((leaf, index) => {
        verifyBatchInclusion(leaf, batchInclusionProof(leaves, index), root);
      });
    }
  });

  it("tells a batch from the same one with its last leaf twice, or with two leaves exchanged", () => {
    const three = LEAVES.slice(0, 3);
    const [a, b, c] = [at(three, 0), at(three, 1), at(three, 2)];
    expect(batchRoot([a, b, c, c])).to.not.deep.equal(batchRoot(three));
    expect(batchRoot([b, a, c])).to.not.deep.equal(batchRoot(three));
  });

  context("proofs that must fail", () => {
    const leaves = LEAVES.slice(0, 5);
    const root = batchRoot(leaves);
    const fails = (leaf: Uint8Array, proof: BatchInclusionProof) =>
      expect(() => verifyBatchInclusion(leaf, proof, root)).to.throw(CheckError, /^batch inclusion proof: /);

    it("for another index", () => {
      leaves.forEach((leaf, index) => {
        for (const other of leaves.keys()) {
          if (other !== index) fails(leaf, { ...batchInclusionProof(leaves, index), index: other });
        }
      });
    });

    it("truncated or extended", () => {
      const proof = batchInclusionProof(leaves, 2);
      fails(at(leaves, 2), { ...proof, path: proof.path.slice(1) });
      fails(at(leaves, 2), { ...proof, path: [...proof.path, PAD_LEAF] });
    });

    it("with an inner node given as a leaf of a smaller batch", () => {
      const node = batchNode(at(leaves, 0), at(leaves, 1));
      const proof = batchInclusionProof(leaves, 0);
      fails(node, { ...proof, path: proof.path.slice(1) });
    });

    it("for padding given as an event", () => {
      const proof = { index: 5, count: 5, path: batchInclusionProof(leaves, 4).path };
      expect(() => verifyBatchInclusion(PAD_LEAF, proof, root)).to.throw(
        InputError,
        "batch index: expected 0 to 4, got 5",
      );
    });

    it("for a count no batch can have", () => {
      const proof = batchInclusionProof(leaves, 0);
      for (const count of [0, -1, 1.5, 2 ** 18 + 1, Number.NaN]) {
        expect(() => verifyBatchInclusion(at(leaves, 0), { ...proof, count }, root)).to.throw(
          InputError,
          /^batch count: expected 1 to 262144/,
        );
      }
    });
  });
});
