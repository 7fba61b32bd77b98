import { expect } from "chai";
import { SUBMISSION_TYPES } from "../../src/chain/submission.ts";
import { newChain } from "../support/contracts/chain.ts";
import { rerandomised, withBothNegated } from "../support/contracts/malleate.ts";
import { type Anchored, anchorNext, OTHER_STREAM, STREAM } from "../support/contracts/registry.ts";
import {
  AGENT,
  attest,
  deployProxy,
  deploySystem,
  type Item,
  initParams,
  letIn,
  makeItem,
  OTHER_AGENT,
  POLICY,
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
  /** A chain with this id and the same contracts, addresses and first batch as any other made by this. */
  const onChain = async (chainId: number) => {
    const chain = await newChain({ chainId, initialDate: "2030-01-01T00:00:00Z" });
    const deployed = await deploySystem({ chain });
    await chain.time.setNextBlockTimestamp(Date.parse("2030-01-02T00:00:00Z") / 1000);
    return { system: deployed, ref: (await anchorNext(deployed.registry, deployed.actors)).ref };
  };

  context("attest()", () => {
    context("the submission", () => {
      it("reverts while paused", async () => {
        await system.verifier.connect(system.actors.guardian).pause();
        await refused(await makeItem(system, first.ref), "EnforcedPause");
      });

      it("reverts after the deadline", async () => {
        const { chain, verifier } = system;
        const item = await makeItem(system, first.ref);
        const { deadline } = item.submission;
        await chain.time.setNextBlockTimestamp(deadline + 1n);
        await expect(attest(system, item))
          .to.be.revertedWithCustomError(verifier, "DeadlinePassed")
          .withArgs(deadline, deadline + 1n);
      });

      it("takes it in the second of the deadline", async () => {
        const item = await makeItem(system, first.ref);
        await system.chain.time.setNextBlockTimestamp(item.submission.deadline);
        await attest(system, item);
      });

      it("reverts if another address sends it", async () => {
        const { verifier, actors } = system;
        const { submission, proof, signature } = await makeItem(system, first.ref);
        for (const sender of [actors.stranger, actors.signer]) {
          await expect(verifier.connect(sender).attest(submission as never, proof as never, signature))
            .to.be.revertedWithCustomError(verifier, "WrongSubmitter")
            .withArgs(actors.submitter.address, sender.address);
        }
      });

      it("reverts if it comes with another proof, a malleated one included", async () => {
        const item = await makeItem(system, first.ref);
        const other = await makeItem(system, first.ref);
        const malleated = [withBothNegated(item.proof), rerandomised(item.proof, system.echo.key, 3n)];
        for (const proof of [other.proof, ...malleated]) await refused({ ...item, proof }, "WrongProofHash");
      });

      it("reverts if any field is not the signed one", async () => {
        const { verifier, actors } = system;
        const item = await makeItem(system, first.ref);
        const second = await anchorNext(system.registry, actors);
        await verifier.connect(actors.policyAdmin).registerPolicy({
          weights: [0, 0, 0, 0],
          lower: 0,
          upper: 0,
          categoryMask: 1,
        });
        await letIn(system, (await verifier.circuitVersion(1)).circuitVerifier);
        const other = await makeItem(system, first.ref);
        const { submission } = item;
        // Every edit passes all the checks before the signature's, so the signature alone refuses it.
        const edits: { [Field in keyof Item["submission"]]: Item["submission"][Field] } = {
          policyId: 2n,
          streamId: OTHER_STREAM,
          agentId: OTHER_AGENT,
          batchIndex: second.ref.batchIndex,
          end: second.ref.end,
          matureAt: submission.matureAt - 1n,
          factsRoot: second.ref.factsRoot,
          circuitVersion: 2n,
          proofHash: other.submission.proofHash,
          submitter: actors.stranger.address,
          nonce: submission.nonce + (1n << 64n),
          deadline: submission.deadline + 1n,
        };
        expect(edits).to.have.all.keys(SUBMISSION_TYPES.Submission.map(({ name }) => name));
        for (const [field, value] of Object.entries(edits)) {
          const sender = field === "submitter" ? actors.stranger : actors.submitter;
          const proof = field === "proofHash" ? other.proof : item.proof;
          const edited = { ...submission, [field]: value };
          await expect(
            verifier.connect(sender).attest(edited as never, proof as never, item.signature),
            field,
          ).to.be.revertedWithCustomError(verifier, "SignerNotAuthorised");
        }
        await attest(system, item);
      });

      it("reverts on a replay", async () => {
        const { verifier, actors } = system;
        const item = await makeItem(system, first.ref);
        await attest(system, item);
        await expect(attest(system, item))
          .to.be.revertedWithCustomError(verifier, "InvalidAccountNonce")
          .withArgs(actors.signer.address, item.submission.nonce + 1n);
      });

      it("reverts if the nonce is not the next under its key", async () => {
        const { nonce } = (await makeItem(system, first.ref)).submission;
        await refused(
          await makeItem(system, first.ref, { submission: { nonce: nonce + 1n } }),
          "InvalidAccountNonce",
        );
        await refused(
          await makeItem(system, first.ref, { submission: { nonce: 1n } }),
          "InvalidAccountNonce",
        );
        await attest(system, await makeItem(system, first.ref, { submission: { nonce: 0n } }));
      });

      it("reverts on another contract", async () => {
        const { chain, actors, registry, verifier } = system;
        const item = await makeItem(system, first.ref);
        const { circuitVerifier } = await verifier.circuitVersion(1);
        const params = initParams(actors, await registry.getAddress(), circuitVerifier);
        const implementation = await chain.ethers.getContractFactory("ProofXVerifier", {
          libraries: { PoseidonT4: system.library },
        });
        const twin = await deployProxy(chain, (await implementation.deploy()) as never, params);
        const { policyAdmin } = actors;
        await twin.connect(policyAdmin).registerPolicy(POLICY as never);
        await expect(attest({ ...system, verifier: twin }, item)).to.be.revertedWithCustomError(
          verifier,
          "SignerNotAuthorised",
        );
      });

      it("reverts on another chain", async () => {
        const home = await onChain(31_337);
        const item = await makeItem(home.system, home.ref);
        const [twin, other] = [await onChain(31_337), await onChain(31_338)];
        for (const { system: there, ref } of [twin, other]) {
          const sameAddress = [await there.verifier.getAddress(), await there.registry.getAddress()];
          expect(sameAddress).to.deep.equal([
            await home.system.verifier.getAddress(),
            await home.system.registry.getAddress(),
          ]);
          expect(ref).to.deep.equal(home.ref);
        }
        await attest(home.system, item);
        await expect(attest(other.system, item)).to.be.revertedWithCustomError(
          other.system.verifier,
          "SignerNotAuthorised",
        );
        // But for the chain's id nothing tells the chains apart: the copy with the same id takes it.
        await expect(attest(twin.system, item))
          .to.emit(twin.system.verifier, "ProofVerified")
          .withArgs(
            twin.system.actors.signer.address,
            subjectOf(STREAM, AGENT),
            1n,
            true,
            item.submission.end,
            1n,
          );
      });
    });
  });
});
