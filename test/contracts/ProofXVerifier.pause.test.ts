import { expect } from "chai";
import { DAY } from "../support/contracts/chain.ts";
import { anchorNext } from "../support/contracts/registry.ts";
import { attest, deploySystem, letIn, makeItem, POLICY, type System } from "../support/contracts/system.ts";

describe("ProofXVerifier", () => {
  let system: System;
  let start: number;
  beforeEach(async () => {
    system = await deploySystem();
    start = (await system.chain.time.latest()) + 1000;
  });

  /** Makes the next transaction happen `days` after the test's start. */
  const at = (days: number) => system.chain.time.setNextBlockTimestamp(start + days * DAY);
  const untilDay = async () => (Number(await system.verifier.pausedUntil()) - start) / DAY;
  const asAdmin = () => system.verifier.connect(system.actors.admin);
  const asGuardian = () => system.verifier.connect(system.actors.guardian);
  const asOther = () => system.verifier.connect(system.actors.otherGuardian);
  const rearm = () => asAdmin().rearmGuardian(system.actors.guardian.address);

  context("pause() by a guardian", () => {
    it("reverts if the caller is neither guardian nor default admin", async () => {
      for (const caller of [system.actors.signer, system.actors.timelock, system.actors.stranger]) {
        await expect(system.verifier.connect(caller).pause()).to.be.revertedWithCustomError(
          system.verifier,
          "AccessControlUnauthorizedAccount",
        );
      }
    });

    it("pauses for 7 days and runs out by itself", async () => {
      const { verifier, actors, chain } = system;
      await at(0);
      await expect(asGuardian().pause())
        .to.emit(verifier, "PausedUntil")
        .withArgs(actors.guardian.address, start + 7 * DAY);
      expect(await verifier.paused()).to.equal(true);
      await chain.time.increaseTo(start + 7 * DAY - 1);
      expect(await verifier.paused()).to.equal(true);
      await chain.time.increaseTo(start + 7 * DAY);
      expect(await verifier.paused()).to.equal(false);
      const { ref } = await anchorNext(system.registry, actors);
      await attest(system, await makeItem(system, ref));
    });

    it("reverts while paused, so that no guardian stretches a pause", async () => {
      await at(0);
      await asGuardian().pause();
      await at(6);
      await expect(asOther().pause())
        .to.be.revertedWithCustomError(system.verifier, "EnforcedPause")
        .withArgs(start + 7 * DAY);
    });

    it("works once until the default admin re-arms the guardian", async () => {
      const { verifier, actors } = system;
      await at(0);
      await asGuardian().pause();
      expect(await verifier.guardianSpent(actors.guardian.address)).to.equal(true);
      await at(40);
      await expect(asGuardian().pause())
        .to.be.revertedWithCustomError(verifier, "GuardianSpent")
        .withArgs(actors.guardian.address);
      await rearm();
      expect(await verifier.guardianSpent(actors.guardian.address)).to.equal(false);
      await asGuardian().pause();
    });

    it("reverts when all guardians together used up 7 days, until 30 days after the last one's end", async () => {
      await at(0);
      await asGuardian().pause();
      await at(8);
      await expect(asOther().pause())
        .to.be.revertedWithCustomError(system.verifier, "PauseBudgetSpent")
        .withArgs(start + 37 * DAY);
      await system.chain.time.setNextBlockTimestamp(start + 37 * DAY - 1);
      await expect(asOther().pause()).to.be.revertedWithCustomError(system.verifier, "PauseBudgetSpent");
      await at(37);
      await asOther().pause();
      expect(await untilDay()).to.equal(44);
    });

    it("gets only what an earlier, shortened pause left of the budget", async () => {
      await at(0);
      await asGuardian().pause();
      await at(2);
      await asAdmin().unpause();
      await at(10);
      await asOther().pause();
      expect(await untilDay()).to.equal(15);
      await at(20);
      await rearm();
      await expect(asGuardian().pause())
        .to.be.revertedWithCustomError(system.verifier, "PauseBudgetSpent")
        .withArgs(start + 45 * DAY);
    });

    it("two guardians cannot chain their pauses beyond 7 days in 30, nor begin the next while one runs", async () => {
      await at(0);
      await asGuardian().pause();
      await at(6);
      await expect(asOther().pause()).to.be.revertedWithCustomError(system.verifier, "EnforcedPause");
      for (const day of [7, 8, 20, 36]) {
        await at(day);
        await expect(asOther().pause(), `day ${day}`)
          .to.be.revertedWithCustomError(system.verifier, "PauseBudgetSpent")
          .withArgs(start + 37 * DAY);
        expect(await untilDay(), `day ${day}`).to.equal(7);
      }
      await at(37);
      await asOther().pause();
      expect(await untilDay()).to.equal(44);
      // Neither is armed any more, whatever the budget says.
      await at(90);
      for (const guardian of [asGuardian(), asOther()])
        await expect(guardian.pause()).to.be.revertedWithCustomError(system.verifier, "GuardianSpent");
    });
  });

  context("pause() by the default admin", () => {
    it("pauses for 30 days and can be renewed", async () => {
      await at(0);
      await asAdmin().pause();
      expect(await untilDay()).to.equal(30);
      await at(29);
      await asAdmin().pause();
      expect(await untilDay()).to.equal(59);
    });

    it("runs out by itself", async () => {
      await at(0);
      await asAdmin().pause();
      await system.chain.time.increaseTo(start + 30 * DAY);
      expect(await system.verifier.paused()).to.equal(false);
    });

    it("takes over a guardian's pause and gives its rest back to the budget", async () => {
      await at(0);
      await asGuardian().pause();
      await at(3);
      await asAdmin().pause();
      expect(await untilDay()).to.equal(33);
      await at(4);
      await asAdmin().unpause();
      await at(5);
      await asOther().pause();
      expect(await untilDay()).to.equal(9);
    });

    it("does not touch the guardians' budget", async () => {
      await at(0);
      await asAdmin().pause();
      await at(1);
      await asAdmin().unpause();
      await at(2);
      await asGuardian().pause();
      expect(await untilDay()).to.equal(9);
    });
  });

  context("unpause()", () => {
    it("reverts if the caller is not the default admin", async () => {
      await asGuardian().pause();
      await expect(asGuardian().unpause()).to.be.revertedWithCustomError(
        system.verifier,
        "AccessControlUnauthorizedAccount",
      );
    });

    it("reverts if nothing is paused", async () => {
      await expect(asAdmin().unpause()).to.be.revertedWithCustomError(system.verifier, "ExpectedPause");
    });

    it("ends the pause at once", async () => {
      await asGuardian().pause();
      await expect(asAdmin().unpause())
        .to.emit(system.verifier, "Unpaused")
        .withArgs(system.actors.admin.address);
      expect(await system.verifier.paused()).to.equal(false);
    });
  });

  context("rearmGuardian()", () => {
    it("reverts if the caller is not the default admin", async () => {
      await asGuardian().pause();
      await expect(asGuardian().rearmGuardian(system.actors.guardian.address)).to.be.revertedWithCustomError(
        system.verifier,
        "AccessControlUnauthorizedAccount",
      );
    });

    it("reverts if the guardian can pause already", async () => {
      await expect(rearm())
        .to.be.revertedWithCustomError(system.verifier, "GuardianAlreadyArmed")
        .withArgs(system.actors.guardian.address);
    });

    it("gives the right back, but no budget", async () => {
      await at(0);
      await asGuardian().pause();
      await at(8);
      await expect(rearm())
        .to.emit(system.verifier, "GuardianRearmed")
        .withArgs(system.actors.guardian.address);
      await expect(asGuardian().pause()).to.be.revertedWithCustomError(system.verifier, "PauseBudgetSpent");
    });
  });

  context("while paused", () => {
    it("revoking, retiring, distrusting, activating and policies work", async () => {
      const { verifier, actors } = system;
      await asGuardian().pause();
      await verifier.connect(actors.policyAdmin).registerPolicy(POLICY as never);
      await verifier.connect(actors.policyAdmin).retirePolicy(1);
      await asAdmin().revokeRole(await verifier.SIGNER_ROLE(), actors.signer.address);
      await asAdmin().distrustSigner(actors.signer.address, 0);
      const { circuitVerifier } = await verifier.circuitVersion(1);
      await letIn(system, circuitVerifier);
      await asAdmin().distrustCircuitVersion(1, 0);
      await asAdmin().retireCircuitVersion(1, true);
      expect(await verifier.paused()).to.equal(true);
    });
  });
});
