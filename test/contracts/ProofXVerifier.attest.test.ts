import { expect } from "chai";
import { id, toBeHex, ZeroHash } from "ethers";
import { P } from "../support/contracts/chain.ts";
import { withShiftedC } from "../support/contracts/malleate.ts";
import { type Anchored, anchorNext, STREAM, word } from "../support/contracts/registry.ts";
import {
  AGENT,
  activationOf,
  attest,
  deploySystem,
  type Item,
  makeItem,
  OTHER_AGENT,
  type System,
  subjectOf,
} from "../support/contracts/system.ts";

describe("ProofXVerifier", () => {
  let system: System;
  let first: Anchored;
  beforeEach(async () => {
    system = await deploySystem();
    first = await anchorNext(system.registry, system.actors);
  });

  const refused = (item: Item, error: string) =>
    expect(attest(system, item)).to.be.revertedWithCustomError(system.verifier, error);
  const recordOf = async (agentId = AGENT) => (await system.verifier.attestation(STREAM, agentId, 1n)).record;

  context("attest()", () => {
    context("outcome", () => {
      it("records a valid proof with batch, version, signer and times", async () => {
        const { verifier, actors, chain } = system;
        const item = await makeItem(system, first.ref);
        const at = (await chain.time.latest()) + 50;
        await chain.time.setNextBlockTimestamp(at);
        await expect(attest(system, item))
          .to.emit(verifier, "ProofVerified")
          .withArgs(actors.signer.address, subjectOf(STREAM, AGENT), 1n, true, first.ref.end, 1n);
        expect(await recordOf()).to.deep.equal([
          actors.signer.address,
          1n,
          0n,
          first.ref.batchIndex,
          first.ref.end,
          first.ref.matureAt,
          BigInt(at),
        ]);
      });

      it("answers whether the proof held", async () => {
        const { verifier, actors } = system;
        const answer = async ({ submission, proof, signature }: Item) =>
          verifier
            .connect(actors.submitter)
            .attest.staticCall(submission as never, proof as never, signature);
        expect(await answer(await makeItem(system, first.ref))).to.equal(true);
        const tamper = (proof: Item["proof"]) => withShiftedC(proof, 1n);
        expect(await answer(await makeItem(system, first.ref, { tamper }))).to.equal(false);
      });

      it("reports an authorised signer's invalid proof, uses up its nonce and changes nothing else", async () => {
        const { verifier, actors } = system;
        await attest(system, await makeItem(system, first.ref));
        const before = await recordOf();
        const second = await anchorNext(system.registry, actors);
        const item = await makeItem(system, second.ref, { tamper: (proof) => withShiftedC(proof, 1n) });
        await expect(attest(system, item))
          .to.emit(verifier, "ProofVerified")
          .withArgs(actors.signer.address, subjectOf(STREAM, AGENT), 1n, false, second.ref.end, 1n);
        expect(await recordOf()).to.deep.equal(before);
        await refused(item, "InvalidAccountNonce");
      });

      it("reports a malformed proof like an invalid one", async () => {
        const offCurve = (proof: Item["proof"]) => ({ ...proof, a: ["1", "1"] }) as const;
        const beyondField = (proof: Item["proof"]) =>
          ({ ...proof, c: [toBeHex(2n ** 256n - 1n), "2"] }) as const;
        for (const tamper of [offCurve, beyondField]) {
          await expect(attest(system, await makeItem(system, first.ref, { tamper })))
            .to.emit(system.verifier, "ProofVerified")
            .withArgs(system.actors.signer.address, (v: bigint) => v > 0n, 1n, false, first.ref.end, 1n);
        }
      });

      it("reports a proof made for another agent, policy or facts root as invalid", async () => {
        const honest = await makeItem(system, first.ref);
        for (const submission of [
          { agentId: OTHER_AGENT },
          { factsRoot: word(5) },
          { deadline: 2n ** 40n },
        ]) {
          const other = await makeItem(system, first.ref, { submission });
          await expect(attest(system, await makeItem(system, first.ref, { tamper: () => other.proof })))
            .to.emit(system.verifier, "ProofVerified")
            .withArgs(system.actors.signer.address, (v: bigint) => v > 0n, 1n, false, first.ref.end, 1n);
        }
        await attest(system, honest);
      });

      it("keeps agents and policies apart", async () => {
        await attest(system, await makeItem(system, first.ref));
        expect((await recordOf(OTHER_AGENT)).batchIndex).to.equal(0n);
        await attest(system, await makeItem(system, first.ref, { submission: { agentId: OTHER_AGENT } }));
        expect((await recordOf(OTHER_AGENT)).batchIndex).to.equal(1n);
      });
    });

    context("the signer", () => {
      it("reverts if the signer has no role, whatever else it is", async () => {
        const { verifier, actors } = system;
        for (const signer of [actors.stranger, actors.submitter, actors.admin, actors.timelock]) {
          await expect(attest(system, await makeItem(system, first.ref, { signer })))
            .to.be.revertedWithCustomError(verifier, "SignerNotAuthorised")
            .withArgs(signer.address);
        }
      });

      it("reverts a revoked signer's pending submission", async () => {
        const { verifier, actors } = system;
        const item = await makeItem(system, first.ref);
        await verifier.connect(actors.admin).revokeRole(await verifier.SIGNER_ROLE(), actors.signer.address);
        await refused(item, "SignerNotAuthorised");
      });

      it("reverts a distrusted signer's submission, also if it has the role", async () => {
        const { verifier, actors } = system;
        const item = await makeItem(system, first.ref);
        await verifier.connect(actors.admin).distrustSigner(actors.signer.address, 7);
        await expect(attest(system, item))
          .to.be.revertedWithCustomError(verifier, "SignerIsDistrusted")
          .withArgs(actors.signer.address, 7);
      });

      it("reverts on a malformed signature", async () => {
        const item = await makeItem(system, first.ref);
        await refused({ ...item, signature: "0x" }, "ECDSAInvalidSignatureLength");
        await refused({ ...item, signature: item.signature.slice(0, -2) }, "ECDSAInvalidSignatureLength");
        await refused({ ...item, signature: `0x${"00".repeat(65)}` }, "ECDSAInvalidSignature");
      });
    });

    context("the policy and the circuit version", () => {
      it("reverts if the policy is unknown", async () => {
        await refused(await makeItem(system, first.ref, { submission: { policyId: 2n } }), "PolicyNotActive");
        await refused(await makeItem(system, first.ref, { submission: { policyId: 0n } }), "PolicyNotActive");
      });

      it("reverts if the policy is retired", async () => {
        const item = await makeItem(system, first.ref);
        await system.verifier.connect(system.actors.policyAdmin).retirePolicy(1);
        await refused(item, "PolicyNotActive");
      });

      it("reports a proof against limits that the prover edited as invalid", async () => {
        const { verifier, actors } = system;
        const wide = { weights: [1n, -1n, 0n, 0n], lower: -(2n ** 99n), upper: 2n ** 99n, categoryMask: 1n };
        await verifier.connect(actors.policyAdmin).registerPolicy(wide as never);
        const eased = await makeItem(system, first.ref, { submission: { policyId: 2n } });
        const item = await makeItem(system, first.ref, { tamper: () => eased.proof });
        await expect(attest(system, item))
          .to.emit(verifier, "ProofVerified")
          .withArgs(actors.signer.address, (v: bigint) => v > 0n, 1n, false, first.ref.end, 1n);
      });

      it("reverts unless the circuit version is active", async () => {
        const { verifier, actors } = system;
        const ofVersion = (circuitVersion: bigint) =>
          makeItem(system, first.ref, { submission: { circuitVersion } });
        const { circuitVerifier } = await verifier.circuitVersion(1);
        await verifier.connect(actors.admin).addCircuitVersion(circuitVerifier);
        const expectStatus = async (version: bigint, status: number) =>
          expect(attest(system, await ofVersion(version)))
            .to.be.revertedWithCustomError(verifier, "CircuitVersionNotActive")
            .withArgs(version, status);
        await expectStatus(0n, 0);
        await expectStatus(3n, 0);
        await expectStatus(2n, 1);
        await verifier.connect(actors.timelock).activateCircuitVersion(...(await activationOf(system, 2)));
        await attest(system, await ofVersion(2n));
        await verifier.connect(actors.admin).retireCircuitVersion(2, false);
        await expectStatus(2n, 3);
        await verifier.connect(actors.admin).retireCircuitVersion(2, true);
        await expectStatus(2n, 4);
      });

      it("reverts if the circuit version is distrusted", async () => {
        const { verifier, actors } = system;
        await verifier.connect(actors.admin).distrustCircuitVersion(1, 7);
        await expect(attest(system, await makeItem(system, first.ref)))
          .to.be.revertedWithCustomError(verifier, "CircuitVersionIsDistrusted")
          .withArgs(1, 7);
      });
    });

    context("the facts root", () => {
      it("reverts on a public input plus the field modulus", async () => {
        const factsRoot = word(BigInt(first.ref.factsRoot) + P);
        await expect(attest(system, await makeItem(system, first.ref, { submission: { factsRoot } })))
          .to.be.revertedWithCustomError(system.verifier, "SignalNotInField")
          .withArgs(BigInt(factsRoot));
      });

      it("reverts if it is unknown", async () => {
        const { registry } = system;
        const item = await makeItem(system, first.ref, { submission: { factsRoot: word(1) } });
        await expect(attest(system, item)).to.be.revertedWithCustomError(registry, "BatchUnknown");
      });

      it("reverts if it is zero", async () => {
        const { registry, actors } = system;
        const { ref } = await anchorNext(registry, actors, { changes: { factsRoot: ZeroHash } });
        await expect(attest(system, await makeItem(system, ref))).to.be.revertedWithCustomError(
          registry,
          "FactsRootZero",
        );
      });

      it("reverts if it is of another stream", async () => {
        const { registry, actors } = system;
        const streamId = id("a third stream");
        await registry.connect(actors.admin).openStream(streamId, actors.anchorer.address, 0);
        const { ref } = await anchorNext(registry, actors, { streamId, count: 3n });
        await expect(attest(system, await makeItem(system, ref))).to.be.revertedWithCustomError(
          registry,
          "BatchUnknown",
        );
        await attest(system, await makeItem(system, ref, { submission: { streamId } }));
      });

      it("reverts if it is immature, then takes it once mature", async () => {
        const slow = await deploySystem({ maturityDelay: 3600 });
        const { ref } = await anchorNext(slow.registry, slow.actors);
        const item = await makeItem(slow, ref);
        await expect(attest(slow, item)).to.be.revertedWithCustomError(slow.registry, "BatchNotMature");
        await slow.chain.time.increaseTo(ref.matureAt);
        await attest(slow, item);
      });

      it("reverts if it was vetoed", async () => {
        const slow = await deploySystem({ maturityDelay: 3600 });
        const { ref } = await anchorNext(slow.registry, slow.actors);
        await slow.registry.connect(slow.actors.guardian).veto(STREAM, ref);
        await slow.chain.time.increaseTo(ref.matureAt);
        await expect(attest(slow, await makeItem(slow, ref))).to.be.revertedWithCustomError(
          slow.registry,
          "BatchIsVetoed",
        );
      });

      it("reverts if it is out of the ring", async () => {
        const { registry, actors } = system;
        for (let i = 0; i < 256; i++) await anchorNext(registry, actors, { count: 1n });
        await expect(attest(system, await makeItem(system, first.ref))).to.be.revertedWithCustomError(
          registry,
          "BatchUnknown",
        );
      });
    });
  });
});
