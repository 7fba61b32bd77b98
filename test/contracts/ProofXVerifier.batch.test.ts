import { expect } from "chai";
import { withShiftedC } from "../support/contracts/malleate.ts";
import { type Anchored, anchorNext, STREAM } from "../support/contracts/registry.ts";
import {
  AGENT,
  attest,
  attestBatch,
  deploySystem,
  type Item,
  letIn,
  makeItem,
  OTHER_AGENT,
  type System,
  subjectOf,
} from "../support/contracts/system.ts";

describe("ProofXVerifier", () => {
  let system: System;
  let first: Anchored;
  let second: Anchored;
  beforeEach(async () => {
    system = await deploySystem();
    first = await anchorNext(system.registry, system.actors);
    second = await anchorNext(system.registry, system.actors);
  });

  const refused = (items: readonly Item[], error: string) =>
    expect(attestBatch(system, items)).to.be.revertedWithCustomError(system.verifier, error);
  const indexOf = async (agentId: string) =>
    (await system.verifier.attestation(STREAM, agentId, 1)).record.batchIndex;
  const bad = { tamper: (proof: Item["proof"]) => withShiftedC(proof, 1n) };
  const twoAgents = async (changes = {}): Promise<[Item, Item]> => [
    await makeItem(system, first.ref),
    await makeItem(system, second.ref, { submission: { agentId: OTHER_AGENT }, ...changes }),
  ];

  context("attestBatch()", () => {
    it("records every item and reports each", async () => {
      const { verifier, actors } = system;
      const sent = attestBatch(system, await twoAgents());
      const { address } = actors.signer;
      await expect(sent)
        .to.emit(verifier, "ProofVerified")
        .withArgs(address, subjectOf(STREAM, AGENT), 1n, true, first.ref.end, 1n);
      await expect(sent)
        .to.emit(verifier, "ProofVerified")
        .withArgs(address, subjectOf(STREAM, OTHER_AGENT), 1n, true, second.ref.end, 1n);
      expect([await indexOf(AGENT), await indexOf(OTHER_AGENT)]).to.deep.equal([1n, 2n]);
    });

    it("takes a batch of one", async () => {
      await attestBatch(system, [await makeItem(system, first.ref)]);
      expect(await indexOf(AGENT)).to.equal(1n);
    });

    it("reverts while paused", async () => {
      await system.verifier.connect(system.actors.guardian).pause();
      await refused(await twoAgents(), "EnforcedPause");
    });

    it("reverts if it is empty", async () => {
      await refused([], "EmptyBatch");
    });

    it("reverts if the lists differ in length", async () => {
      const { verifier, actors } = system;
      const [one, two] = await twoAgents();
      const send = (submissions: Item[], proofs: Item[], signatures: Item[]) =>
        verifier.connect(actors.submitter).attestBatch(
          submissions.map((item) => item.submission as never),
          proofs.map((item) => item.proof as never),
          signatures.map((item) => item.signature),
        );
      await expect(send([one, two], [one], [one, two]))
        .to.be.revertedWithCustomError(verifier, "LengthMismatch")
        .withArgs(2, 1, 2);
      await expect(send([one], [one], [one, two]))
        .to.be.revertedWithCustomError(verifier, "LengthMismatch")
        .withArgs(1, 1, 2);
    });

    it("reverts if it mixes circuit versions", async () => {
      const { verifier } = system;
      const { circuitVerifier } = await verifier.circuitVersion(1);
      await letIn(system, circuitVerifier);
      const items = await twoAgents({ submission: { agentId: OTHER_AGENT, circuitVersion: 2n } });
      await expect(attestBatch(system, items))
        .to.be.revertedWithCustomError(verifier, "MixedCircuitVersions")
        .withArgs(1, 2);
    });

    it("one bad proof reverts everything and uses no nonce", async () => {
      const [good, wrong] = await twoAgents({ ...bad, submission: { agentId: OTHER_AGENT } });
      await refused([good, wrong], "BatchProofInvalid");
      await refused([wrong, good], "BatchProofInvalid");
      expect([await indexOf(AGENT), await indexOf(OTHER_AGENT)]).to.deep.equal([0n, 0n]);
      // The nonces are still free: the same items go through one by one.
      await attest(system, good);
      await expect(attest(system, wrong)).to.emit(system.verifier, "ProofVerified");
    });

    it("reverts on the same item twice", async () => {
      const item = await makeItem(system, first.ref);
      await refused([item, item], "InvalidAccountNonce");
    });

    it("reverts on the same batch of one subject and policy twice, under two nonces", async () => {
      await refused([await makeItem(system, first.ref), await makeItem(system, first.ref)], "NotNewer");
    });

    it("takes two batches of one subject and policy in order and refuses them out of order", async () => {
      const [older, newer] = [await makeItem(system, first.ref), await makeItem(system, second.ref)];
      await refused([newer, older], "NotNewer");
      await attestBatch(system, [older, newer]);
      expect(await indexOf(AGENT)).to.equal(2n);
    });

    it("applies every check of attest to every item", async () => {
      const { actors, verifier, registry } = system;
      const good = await makeItem(system, first.ref);
      const other = (submission: object, changes = {}) =>
        makeItem(system, second.ref, { submission: { agentId: OTHER_AGENT, ...submission }, ...changes });
      await refused([good, await other({ deadline: 1n })], "DeadlinePassed");
      await refused([good, await other({ submitter: actors.stranger.address })], "WrongSubmitter");
      await refused([good, { ...(await other({})), proof: good.proof }], "WrongProofHash");
      await refused([good, await other({ policyId: 2n })], "PolicyNotActive");
      await refused([good, await other({}, { signer: actors.stranger })], "SignerNotAuthorised");
      await expect(attestBatch(system, [good, await other({ end: 1n })])).to.be.revertedWithCustomError(
        registry,
        "BatchUnknown",
      );
      await attest(system, await other({}));
      await refused([good, await other({})], "NotNewer");
      await verifier.connect(actors.admin).distrustCircuitVersion(1, 0);
      await refused([good], "CircuitVersionIsDistrusted");
    });

    it("reverts as invalid if the circuit verifier burns its stipend", async () => {
      const burning = await deploySystem({ circuitVerifier: "BurningVerifier__Harness" });
      const { ref } = await anchorNext(burning.registry, burning.actors);
      await expect(attestBatch(burning, [await makeItem(burning, ref)])).to.be.revertedWithCustomError(
        burning.verifier,
        "BatchProofInvalid",
      );
    });
  });
});
