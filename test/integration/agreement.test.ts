import { readFileSync } from "node:fs";
import { expect } from "chai";
import { submissionDigest } from "../../src/chain/submission.ts";
import { contextOf, parsePolicy, policyHash, subjectOf } from "../../src/core/facts/index.ts";
import { deploySystem, type System } from "../support/contracts/system.ts";

interface PolicyVector {
  readonly weights: readonly number[];
  readonly lower: string;
  readonly upper: string;
  readonly categoryMask: string;
  readonly hash: string;
}

interface Vectors {
  readonly policies: readonly PolicyVector[];
  readonly subjects: readonly {
    readonly streamId: string;
    readonly agentId: string;
    readonly subject: string;
  }[];
}

const vectors = JSON.parse(readFileSync("test/vectors/facts/vectors.json", "utf8")) as Vectors;

describe("contracts, TypeScript and the independent vectors agree", () => {
  let system: System;
  before(async () => {
    system = await deploySystem();
  });

  it("on the hash of every policy", async () => {
    for (const { weights, lower, upper, categoryMask, hash } of vectors.policies) {
      const policy = parsePolicy({
        weights,
        lower: BigInt(lower),
        upper: BigInt(upper),
        categoryMask: BigInt(categoryMask),
      });
      const onChain = await system.verifier.hashPolicy({ ...policy, weights: [...policy.weights] as never });
      expect([onChain, policyHash(policy)]).to.deep.equal([BigInt(hash), BigInt(hash)]);
    }
  });

  it("on every subject", async () => {
    for (const { streamId, agentId, subject } of vectors.subjects) {
      const onChain = await system.verifier.subjectOf(streamId, agentId);
      expect([onChain, subjectOf(streamId, agentId)]).to.deep.equal([BigInt(subject), BigInt(subject)]);
    }
  });

  it("on the context, at the edges of its fields", async () => {
    const verifier = await system.verifier.getAddress();
    const { chainId } = await system.chain.ethers.provider.getNetwork();
    const submitter = system.actors.submitter.address;
    for (const [circuitVersion, deadline] of [
      [1, 0n],
      [2 ** 32 - 1, 2n ** 64n - 1n],
    ] as const) {
      const onChain = await system.verifier.contextOf(circuitVersion, submitter, deadline);
      expect(onChain).to.equal(contextOf({ chainId, verifier, circuitVersion, submitter, deadline }));
    }
  });

  it("on the digest a signer signs", async () => {
    const { chainId } = await system.chain.ethers.provider.getNetwork();
    const submission = {
      policyId: 1n,
      streamId: `0x${"11".repeat(32)}`,
      agentId: `0x${"22".repeat(16)}`,
      batchIndex: 2n ** 64n - 1n,
      end: 4n,
      matureAt: 5n,
      factsRoot: `0x${"03".repeat(32)}`,
      circuitVersion: 1n,
      proofHash: `0x${"44".repeat(32)}`,
      submitter: `0x${"55".repeat(20)}`,
      nonce: 2n ** 255n,
      deadline: 9n,
    };
    const expected = submissionDigest(chainId, await system.verifier.getAddress(), submission);
    expect(await system.verifier.submissionDigest(submission)).to.equal(expected);
  });
});
