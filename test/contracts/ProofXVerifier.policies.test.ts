import { expect } from "chai";
import { anchorNext, STREAM } from "../support/contracts/registry.ts";
import {
  AGENT,
  attest,
  deploySystem,
  makeItem,
  POLICY,
  type Policy,
  policyHashOf,
  type System,
} from "../support/contracts/system.ts";

const LIMIT = 2n ** 100n;

/** Policies at the edges of every field. */
const EDGES: readonly Policy[] = [
  POLICY,
  { weights: [0n, 0n, 0n, 0n], lower: 0n, upper: 0n, categoryMask: 0n },
  {
    weights: [-(2n ** 31n), 2n ** 31n - 1n, -1n, 1n],
    lower: 1n - LIMIT,
    upper: LIMIT - 1n,
    categoryMask: 1n,
  },
  { weights: [1n, 2n, 3n, 4n], lower: -1n, upper: -1n, categoryMask: 2n ** 63n },
];

describe("ProofXVerifier", () => {
  let system: System;
  before(async () => {
    system = await deploySystem();
  });

  const asPolicyAdmin = () => system.verifier.connect(system.actors.policyAdmin);
  const asAdmin = () => system.verifier.connect(system.actors.admin);

  context("hashPolicy()", () => {
    it("is the policy hash of docs/formats.md, by a third implementation of Poseidon", async () => {
      for (const policy of EDGES) {
        expect(await system.verifier.hashPolicy(policy as never)).to.equal(policyHashOf(policy));
      }
    });

    it("differs when any field differs", async () => {
      const changes: Partial<Policy>[] = [
        ...[0, 1, 2, 3].map((i) => ({
          weights: POLICY.weights.map((w, j) => (i === j ? w + 1n : w)) as never,
        })),
        { lower: POLICY.lower + 1n },
        { upper: POLICY.upper - 1n },
        { categoryMask: POLICY.categoryMask - 1n },
      ];
      const hashes = await Promise.all(
        [{}, ...changes].map((change) => system.verifier.hashPolicy({ ...POLICY, ...change } as never)),
      );
      expect(new Set(hashes).size).to.equal(hashes.length);
    });
  });

  context("registerPolicy()", () => {
    it("reverts if the caller lacks the role, the default admin included", async () => {
      for (const caller of [system.actors.admin, system.actors.signer, system.actors.stranger]) {
        await expect(
          system.verifier.connect(caller).registerPolicy(POLICY as never),
        ).to.be.revertedWithCustomError(system.verifier, "AccessControlUnauthorizedAccount");
      }
    });

    it("reverts if a bound is 2^100 or more in size", async () => {
      for (const bound of [LIMIT, -LIMIT, 2n ** 255n - 1n, -(2n ** 255n)]) {
        for (const field of ["lower", "upper"]) {
          const policy = { ...POLICY, lower: 1n - LIMIT, upper: LIMIT - 1n, [field]: bound };
          await expect(asPolicyAdmin().registerPolicy(policy as never))
            .to.be.revertedWithCustomError(system.verifier, "PolicyBoundTooLarge")
            .withArgs(bound);
        }
      }
    });

    it("reverts if the bounds are crossed", async () => {
      await expect(asPolicyAdmin().registerPolicy({ ...POLICY, lower: 1n, upper: 0n } as never))
        .to.be.revertedWithCustomError(system.verifier, "PolicyBoundsCrossed")
        .withArgs(1n, 0n);
    });

    it("keeps the policy in plain beside its hash, under the next id", async () => {
      const { verifier } = system;
      for (const policy of EDGES) {
        const id = (await verifier.policyCount()) + 1n;
        const { weights, lower, upper, categoryMask } = policy;
        await expect(asPolicyAdmin().registerPolicy(policy as never))
          .to.emit(verifier, "PolicyRegistered")
          .withArgs(id, policyHashOf(policy), weights, lower, upper, categoryMask);
        expect(await verifier.policyCount()).to.equal(id);
        expect(await verifier.policy(id)).to.deep.equal([
          [weights, lower, upper, categoryMask],
          policyHashOf(policy),
          true,
        ]);
      }
    });
  });

  context("retirePolicy()", () => {
    it("reverts if the caller is neither policy admin nor default admin", async () => {
      for (const caller of [system.actors.signer, system.actors.guardian, system.actors.stranger]) {
        await expect(system.verifier.connect(caller).retirePolicy(1)).to.be.revertedWithCustomError(
          system.verifier,
          "AccessControlUnauthorizedAccount",
        );
      }
    });

    it("reverts if the policy is unknown or retired", async () => {
      await asPolicyAdmin().registerPolicy(POLICY as never);
      const id = await system.verifier.policyCount();
      await asAdmin().retirePolicy(id);
      for (const policyId of [0n, id, id + 1n]) {
        await expect(asAdmin().retirePolicy(policyId))
          .to.be.revertedWithCustomError(system.verifier, "PolicyNotActive")
          .withArgs(policyId);
      }
    });

    it("ends what the policy's attestations say, and its id is not used again", async () => {
      const fresh = await deploySystem();
      const { verifier, actors, registry } = fresh;
      await attest(fresh, await makeItem(fresh, (await anchorNext(registry, actors)).ref));
      expect((await verifier.attestation(STREAM, AGENT, 1)).standing).to.equal(true);
      await expect(verifier.connect(actors.policyAdmin).retirePolicy(1))
        .to.emit(verifier, "PolicyRetired")
        .withArgs(1);
      expect((await verifier.attestation(STREAM, AGENT, 1)).standing).to.equal(false);
      expect((await verifier.policy(1)).active).to.equal(false);
      await verifier.connect(actors.policyAdmin).registerPolicy(POLICY as never);
      expect(await verifier.policyCount()).to.equal(2n);
    });
  });
});
