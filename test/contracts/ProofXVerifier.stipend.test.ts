import { expect } from "chai";
import { type Anchored, anchorNext } from "../support/contracts/registry.ts";
import {
  attest,
  attestBatch,
  deploySystem,
  type Item,
  makeItem,
  type System,
} from "../support/contracts/system.ts";

/** Where a circuit verifier's stipend in ProofXVerifier is, and what may come on top when it burns it all. */
const STIPEND = 280_000n;

describe("ProofXVerifier", () => {
  /** A deployment whose circuit verifier is a test double, and its first batch. */
  const withDouble = async (name: string): Promise<{ system: System; first: Anchored; double: string }> => {
    const system = await deploySystem({ circuitVerifier: name });
    const first = await anchorNext(system.registry, system.actors);
    return { system, first, double: (await system.verifier.circuitVersion(1)).circuitVerifier };
  };
  const expectVerified = async (system: System, item: Item, verified: boolean) => {
    const event = expect(attest(system, item)).to.emit(system.verifier, "ProofVerified");
    await event.withArgs(
      system.actors.signer.address,
      (v: bigint) => v > 0n,
      1n,
      verified,
      item.submission.end,
      1n,
    );
  };

  context("the circuit verifier", () => {
    it("a valid proof with too little gas reverts and is never recorded as failed", async () => {
      const system = await deploySystem();
      const first = await anchorNext(system.registry, system.actors);
      const item = await makeItem(system, first.ref);
      const { verifier, actors, chain } = system;
      const snapshot = await chain.helpers.takeSnapshot();
      const outcomes = { reverted: 0, verified: 0 };
      for (let gasLimit = 60_000n; gasLimit <= 520_000n; gasLimit += 5_003n) {
        const sent = await attest(system, item, { gasLimit }).catch(() => undefined);
        if (sent === undefined) {
          outcomes.reverted++;
          continue;
        }
        const [event] = await verifier.queryFilter(
          verifier.filters.ProofVerified,
          sent.blockNumber ?? undefined,
        );
        expect(event?.args.verified, `with a gas limit of ${gasLimit}`).to.equal(true);
        outcomes.verified++;
        await snapshot.restore();
      }
      expect(outcomes.reverted).to.be.greaterThan(10);
      expect(outcomes.verified).to.be.greaterThan(10);
      await expect(
        verifier
          .connect(actors.submitter)
          .attest(item.submission as never, item.proof as never, item.signature, { gasLimit: 330_000n }),
      ).to.be.revertedWithCustomError(verifier, "NotEnoughGas");
    });

    it("a batch with too little gas reverts for want of gas, never for an invalid proof", async () => {
      const system = await deploySystem();
      const { registry, actors, verifier, chain } = system;
      const items = [
        await makeItem(system, (await anchorNext(registry, actors)).ref),
        await makeItem(system, (await anchorNext(registry, actors)).ref),
      ];
      const snapshot = await chain.helpers.takeSnapshot();
      for (let gasLimit = 100_000n; gasLimit <= 900_000n; gasLimit += 25_013n) {
        const fault = await attestBatch(system, items, { gasLimit }).then(
          () => undefined,
          (error: unknown) => String(error),
        );
        expect(fault ?? "", `with a gas limit of ${gasLimit}`).not.to.contain("BatchProofInvalid");
        if (fault === undefined) await snapshot.restore();
      }
      await expect(attestBatch(system, items, { gasLimit: 500_000n })).to.be.revertedWithCustomError(
        verifier,
        "NotEnoughGas",
      );
    });

    it("one that burns its stipend counts as a false proof and takes no more than the stipend", async () => {
      const { system, first } = await withDouble("BurningVerifier__Harness");
      const item = await makeItem(system, first.ref);
      const sent = await attest(system, item, { gasLimit: 5_000_000n });
      const receipt = await sent.wait();
      expect(receipt?.status).to.equal(1);
      expect(receipt?.gasUsed ?? 0n).to.be.within(STIPEND, STIPEND + 150_000n);
      const { verifier } = system;
      const [event] = await verifier.queryFilter(verifier.filters.ProofVerified);
      expect(event?.args.verified).to.equal(false);
    });

    it("a proof that burns the stipend of the real one, by a point off its curve, leaves the sender the rest", async () => {
      const system = await deploySystem();
      const first = await anchorNext(system.registry, system.actors);
      const tamper = (proof: Item["proof"]) => ({ ...proof, a: ["1", "1"] }) as const;
      const sent = await attest(system, await makeItem(system, first.ref, { tamper }), {
        gasLimit: 5_000_000n,
      });
      expect((await sent.wait())?.gasUsed ?? 0n).to.be.at.most(STIPEND + 150_000n);
      const { verifier } = system;
      const [event] = await verifier.queryFilter(verifier.filters.ProofVerified);
      expect(event?.args.verified).to.equal(false);
    });

    it("one that reverts counts as a false proof, whatever it reverts with", async () => {
      const { system, first, double } = await withDouble("AnsweringVerifier__MockForAttest");
      const mock = await system.chain.ethers.getContractAt("AnsweringVerifier__MockForAttest", double);
      for (const answer of ["0x", `0x${"00".repeat(31)}01`]) {
        await mock.getFunction("setAnswer")(answer, true);
        await expectVerified(system, await makeItem(system, first.ref), false);
      }
    });

    it("only exactly one word that is 1 counts as true", async () => {
      const { system, first, double } = await withDouble("AnsweringVerifier__MockForAttest");
      const mock = await system.chain.ethers.getContractAt("AnsweringVerifier__MockForAttest", double);
      const one = `${"00".repeat(31)}01`;
      const faults = [
        "",
        "01",
        "00".repeat(32),
        `${"00".repeat(31)}02`,
        `01${"00".repeat(31)}`,
        "ff".repeat(32),
      ];
      for (const answer of [...faults, `${one}00`, one + one, one + "00".repeat(4096)]) {
        await mock.getFunction("setAnswer")(`0x${answer}`, false);
        await expectVerified(system, await makeItem(system, first.ref), false);
      }
      await mock.getFunction("setAnswer")(`0x${one}`, false);
      await expectVerified(system, await makeItem(system, first.ref), true);
    });

    it("one that calls back changes nothing: the call is static", async () => {
      const { system, first, double } = await withDouble("ReenteringVerifier__MockForAttest");
      const mock = await system.chain.ethers.getContractAt("ReenteringVerifier__MockForAttest", double);
      const second = await anchorNext(system.registry, system.actors);
      const inner = await makeItem(system, second.ref, { submission: { submitter: double } });
      const callback = system.verifier.interface.encodeFunctionData("attest", [
        inner.submission as never,
        inner.proof as never,
        inner.signature,
      ]);
      await mock.getFunction("setCallback")(callback);
      // The double answers true only if its callback was refused.
      await expectVerified(system, await makeItem(system, first.ref), true);
      const { signer } = system.actors;
      expect(
        await system.verifier["nonces(address,uint192)"](signer, inner.submission.nonce >> 64n),
      ).to.equal(inner.submission.nonce);
    });
  });
});
