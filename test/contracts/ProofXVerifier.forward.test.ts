import { expect } from "chai";
import { rerandomised, withBothNegated } from "../support/contracts/malleate.ts";
import { type Anchored, anchorNext, reopenArguments, STREAM } from "../support/contracts/registry.ts";
import {
  AGENT,
  attest,
  deploySystem,
  letIn,
  makeItem,
  type System,
  subjectOf,
} from "../support/contracts/system.ts";

describe("ProofXVerifier", () => {
  let system: System;
  let anchored: Anchored[];
  beforeEach(async () => {
    system = await deploySystem();
    const next = () => anchorNext(system.registry, system.actors);
    anchored = [await next(), await next(), await next()];
  });

  /** Attests batch `n`, counted from 1, for the one agent and policy. */
  const attestBatchNumber = async (n: 1 | 2 | 3, changes = {}) =>
    attest(system, await makeItem(system, (anchored[n - 1] as Anchored).ref, changes));
  const refusesBatchNumber = async (n: 1 | 2 | 3, recorded: bigint, changes = {}) =>
    expect(attestBatchNumber(n, changes))
      .to.be.revertedWithCustomError(system.verifier, "NotNewer")
      .withArgs(recorded, n);
  const standing = async () => (await system.verifier.attestation(STREAM, AGENT, 1)).standing;
  const now = () => system.chain.time.latest();
  const asAdmin = () => system.verifier.connect(system.actors.admin);
  /** A second, trusted circuit version with the same key. */
  const addVersion = async () => {
    const { circuitVerifier } = await system.verifier.circuitVersion(1);
    await letIn(system, circuitVerifier);
    return { submission: { circuitVersion: 2n } };
  };

  context("the forward rule", () => {
    it("moves to a later batch, also past some in between", async () => {
      await attestBatchNumber(1);
      await attestBatchNumber(3);
      expect((await system.verifier.attestation(STREAM, AGENT, 1)).record.batchIndex).to.equal(3n);
    });

    it("reverts if the attestation is older than the recorded one", async () => {
      await attestBatchNumber(2);
      await refusesBatchNumber(1, 2n);
    });

    it("reverts on the same batch again", async () => {
      await attestBatchNumber(2);
      await refusesBatchNumber(2, 2n);
      await refusesBatchNumber(2, 2n, { signer: system.actors.otherSigner });
    });

    it("lets the same batch replace what a distrusted signer vouched for, and none older", async () => {
      const { actors } = system;
      await attestBatchNumber(2);
      await asAdmin().distrustSigner(actors.signer.address, await now());
      expect(await standing()).to.equal(false);
      await refusesBatchNumber(1, 2n, { signer: actors.otherSigner });
      await attestBatchNumber(2, { signer: actors.otherSigner });
      expect(await standing()).to.equal(true);
      await refusesBatchNumber(2, 2n, { signer: actors.otherSigner });
    });

    it("keeps what a signer vouched for before the distrust began", async () => {
      const { actors, chain } = system;
      await attestBatchNumber(2);
      const since = (await now()) + 1;
      await chain.time.increase(10);
      await asAdmin().distrustSigner(actors.signer.address, since);
      expect(await standing()).to.equal(true);
      await refusesBatchNumber(2, 2n, { signer: actors.otherSigner });
    });

    it("lets the same batch replace what a distrusted circuit version accepted, and none older", async () => {
      await attestBatchNumber(2);
      await asAdmin().distrustCircuitVersion(1, await now());
      const fixed = await addVersion();
      expect(await standing()).to.equal(false);
      await refusesBatchNumber(1, 2n, fixed);
      await attestBatchNumber(2, fixed);
      expect(await standing()).to.equal(true);
    });

    it("lets the same batch replace what a broken circuit version accepted, but not a superseded one", async () => {
      await attestBatchNumber(2);
      const fixed = await addVersion();
      await asAdmin().retireCircuitVersion(1, false);
      expect(await standing()).to.equal(true);
      await refusesBatchNumber(2, 2n, fixed);
      await asAdmin().retireCircuitVersion(1, true);
      expect(await standing()).to.equal(false);
      await refusesBatchNumber(1, 2n, fixed);
      await attestBatchNumber(2, fixed);
      expect(await standing()).to.equal(true);
    });

    it("lets any usable batch replace an attestation whose batch was cut", async () => {
      const { registry, actors } = system;
      await attestBatchNumber(3);
      await registry.connect(actors.timelock).reopen(STREAM, ...reopenArguments(anchored, 2));
      expect(await standing()).to.equal(false);
      await attestBatchNumber(1);
      expect(await standing()).to.equal(true);
      const { record } = await system.verifier.attestation(STREAM, AGENT, 1);
      expect([record.batchIndex, record.epoch]).to.deep.equal([1n, 1n]);
    });

    it("does not take a batch's index in a new epoch for the cut batch's", async () => {
      const { registry, actors } = system;
      await attestBatchNumber(3);
      await registry.connect(actors.timelock).reopen(STREAM, ...reopenArguments(anchored, 2));
      const replacement = await anchorNext(registry, actors, { count: 2n });
      expect(replacement.ref.batchIndex).to.equal(3n);
      expect(await standing()).to.equal(false);
      await attest(system, await makeItem(system, replacement.ref));
      expect(await standing()).to.equal(true);
    });

    it("keeps an attestation through a reopening that kept its batch", async () => {
      const { registry, actors } = system;
      await attestBatchNumber(2);
      await registry.connect(actors.timelock).reopen(STREAM, ...reopenArguments(anchored, 2));
      expect(await standing()).to.equal(true);
      await refusesBatchNumber(1, 2n);
      await refusesBatchNumber(2, 2n);
    });

    it("ignores a malleated proof under a new signature: nothing is keyed on a proof's bytes", async () => {
      const { verifier, actors, chain, echo } = system;
      const { ref } = anchored[1] as Anchored;
      const first = await makeItem(system, ref);
      // The context binds the deadline, so with the same one the malleated proof is a valid one of this very item.
      const malleated = [withBothNegated(first.proof), rerandomised(first.proof, echo.key, 3n)].map((proof) =>
        makeItem(system, ref, {
          tamper: () => proof,
          submission: { deadline: first.submission.deadline },
        }),
      );
      for (const item of await Promise.all(malleated)) {
        const snapshot = await chain.helpers.takeSnapshot();
        await expect(attest(system, item))
          .to.emit(verifier, "ProofVerified")
          .withArgs(actors.signer.address, subjectOf(STREAM, AGENT), 1n, true, ref.end, 1n);
        await snapshot.restore();
      }
      await attest(system, first);
      const before = await verifier.attestation(STREAM, AGENT, 1);
      for (const item of await Promise.all(malleated)) {
        await expect(attest(system, item))
          .to.be.revertedWithCustomError(verifier, "NotNewer")
          .withArgs(2n, 2n);
        const nonceKey = item.submission.nonce >> 64n;
        expect(
          await verifier.getFunction("nonces(address,uint192)")(actors.signer.address, nonceKey),
        ).to.equal(item.submission.nonce);
      }
      expect(await verifier.attestation(STREAM, AGENT, 1)).to.deep.equal(before);
    });
  });
});
