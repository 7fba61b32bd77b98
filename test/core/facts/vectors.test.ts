import { readFileSync } from "node:fs";
import { expect } from "chai";
import {
  buildFactsTree,
  contextOf,
  factCommitment,
  factsLeaf,
  factsRootFromPath,
  parseFacts,
  parsePolicy,
  policyHash,
  subjectOf,
} from "../../../src/core/facts/index.ts";

interface Vectors {
  factCommitments: { amounts: string[]; category: number; salt: string; commitment: string }[];
  policies: { weights: number[]; lower: string; upper: string; categoryMask: string; hash: string }[];
  subjects: { streamId: string; agentId: string; subject: string }[];
  contexts: {
    chainId: string;
    verifier: string;
    circuitVersion: number;
    submitter: string;
    deadline: string;
    context: string;
  }[];
  leaves: { subject: string; sequence: string; commitment: string; leaf: string }[];
  trees: { leaves: string[]; root: string; paths: { index: number; children: string[][] }[] }[];
}

/** Written by test/vectors/facts/main.go, which shares no code with the project. */
const vectors = JSON.parse(
  readFileSync(new URL("../../vectors/facts/vectors.json", import.meta.url), "utf8"),
) as Vectors;

describe("facts: agreement with an independent implementation", () => {
  for (const { commitment, ...json } of vectors.factCommitments) {
    it(`commits to [${json.amounts}], category ${json.category}`, () => {
      expect(factCommitment(parseFacts(json))).to.equal(BigInt(commitment));
    });
  }

  for (const { weights, lower, upper, categoryMask, hash } of vectors.policies) {
    it(`hashes the policy ${lower} <= [${weights}] <= ${upper}, mask ${categoryMask}`, () => {
      const policy = parsePolicy({
        weights,
        lower: BigInt(lower),
        upper: BigInt(upper),
        categoryMask: BigInt(categoryMask),
      });
      expect(policyHash(policy)).to.equal(BigInt(hash));
    });
  }

  for (const { streamId, agentId, subject } of vectors.subjects) {
    it(`names the agent ${agentId} of stream ${streamId.slice(0, 10)}`, () => {
      expect(subjectOf(streamId, agentId)).to.equal(BigInt(subject));
    });
  }

  for (const { chainId, verifier, circuitVersion, submitter, deadline, context } of vectors.contexts) {
    it(`binds chain ${chainId}, version ${circuitVersion}, deadline ${deadline}`, () => {
      const given = {
        chainId: BigInt(chainId),
        verifier,
        circuitVersion,
        submitter,
        deadline: BigInt(deadline),
      };
      expect(contextOf(given)).to.equal(BigInt(context));
    });
  }

  for (const { subject, sequence, commitment, leaf } of vectors.leaves) {
    it(`makes the leaf of sequence ${sequence}`, () => {
      expect(factsLeaf(BigInt(subject), BigInt(sequence), BigInt(commitment))).to.equal(BigInt(leaf));
    });
  }

  for (const { leaves, root, paths } of vectors.trees) {
    it(`builds a tree of ${leaves.length} leaves and its paths`, () => {
      const tree = buildFactsTree(leaves.map(BigInt));
      expect(tree.root).to.equal(BigInt(root));
      for (const { index, children } of paths) {
        const path = children.map((row) => row.map(BigInt));
        expect(tree.path(index)).to.deep.equal(path);
        expect(factsRootFromPath(BigInt(leaves[index] ?? "0"), path)).to.equal(BigInt(root));
      }
    });
  }
});
