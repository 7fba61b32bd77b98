import { expect } from "chai";
import { concat, ZeroAddress, ZeroHash } from "ethers";
import { MAX_U64 } from "../support/contracts/chain.ts";
import { activationOf, codeHashOf, deploySystem, type System } from "../support/contracts/system.ts";

const STATUS = { none: 0n, added: 1n, active: 2n, superseded: 3n, broken: 4n };

describe("ProofXVerifier", () => {
  let system: System;
  let circuitVerifier: string;
  beforeEach(async () => {
    system = await deploySystem();
    circuitVerifier = (await system.verifier.circuitVersion(1)).circuitVerifier;
  });

  const asAdmin = () => system.verifier.connect(system.actors.admin);
  const asTimelock = () => system.verifier.connect(system.actors.timelock);
  const statusOf = async (version: number) => (await system.verifier.circuitVersion(version)).status;
  const unauthorised = "AccessControlUnauthorizedAccount";

  context("addCircuitVersion()", () => {
    it("reverts if the caller is not the default admin", async () => {
      await expect(asTimelock().addCircuitVersion(circuitVerifier)).to.be.revertedWithCustomError(
        system.verifier,
        unauthorised,
      );
    });

    it("reverts if there is no contract at the address", async () => {
      await expect(asAdmin().addCircuitVersion(system.actors.stranger.address))
        .to.be.revertedWithCustomError(system.verifier, "CircuitVerifierHasNoCode")
        .withArgs(system.actors.stranger.address);
    });

    it("reverts if the account only delegates its code", async () => {
      const { chain, verifier, actors } = system;
      const { address } = actors.stranger;
      await chain.helpers.setCode(address, concat(["0xef0100", circuitVerifier]));
      await expect(asAdmin().addCircuitVersion(address))
        .to.be.revertedWithCustomError(verifier, "CircuitVerifierDelegates")
        .withArgs(address);
    });

    it("names a version that has no effect yet, with the hash of its code", async () => {
      const { verifier, chain } = system;
      const codeHash = await codeHashOf(chain, circuitVerifier);
      await expect(asAdmin().addCircuitVersion(circuitVerifier))
        .to.emit(verifier, "CircuitVersionAdded")
        .withArgs(2, circuitVerifier, codeHash);
      expect(await verifier.circuitVersion(2)).to.deep.equal([circuitVerifier, STATUS.added, MAX_U64]);
      expect(await verifier.circuitVersionCount()).to.equal(2n);
      expect(await verifier.circuitVersion(3)).to.deep.equal([ZeroAddress, STATUS.none, 0n]);
    });
  });

  context("activateCircuitVersion()", () => {
    it("reverts unless the timelock calls", async () => {
      await asAdmin().addCircuitVersion(circuitVerifier);
      await expect(
        asAdmin().activateCircuitVersion(...(await activationOf(system, 2))),
      ).to.be.revertedWithCustomError(system.verifier, unauthorised);
    });

    it("reverts if the version is unknown, distrusted or was active before", async () => {
      const { verifier } = system;
      await expect(asTimelock().activateCircuitVersion(...(await activationOf(system, 2))))
        .to.be.revertedWithCustomError(verifier, "CircuitVersionUnknown")
        .withArgs(2);
      await expect(asTimelock().activateCircuitVersion(...(await activationOf(system, 1))))
        .to.be.revertedWithCustomError(verifier, "CircuitVersionWrongStatus")
        .withArgs(1, STATUS.added, STATUS.active);
      await asAdmin().retireCircuitVersion(1, false);
      await expect(asTimelock().activateCircuitVersion(...(await activationOf(system, 1))))
        .to.be.revertedWithCustomError(verifier, "CircuitVersionWrongStatus")
        .withArgs(1, STATUS.added, STATUS.superseded);
      await asAdmin().addCircuitVersion(circuitVerifier);
      await asAdmin().distrustCircuitVersion(2, 5);
      await expect(asTimelock().activateCircuitVersion(...(await activationOf(system, 2))))
        .to.be.revertedWithCustomError(verifier, "CircuitVersionIsDistrusted")
        .withArgs(2, 5);
    });

    it("reverts if the circuit verifier is not the one recorded with the version", async () => {
      const { verifier, actors } = system;
      await asAdmin().addCircuitVersion(circuitVerifier);
      const [version, recorded, codeHash] = await activationOf(system, 2);
      for (const given of [actors.stranger.address, ZeroAddress]) {
        await expect(asTimelock().activateCircuitVersion(version, given, codeHash))
          .to.be.revertedWithCustomError(verifier, "WrongCircuitVerifier")
          .withArgs(recorded, given);
      }
    });

    it("reverts if the code hash is not the one recorded with the version", async () => {
      const { verifier } = system;
      await asAdmin().addCircuitVersion(circuitVerifier);
      const [version, recorded, codeHash] = await activationOf(system, 2);
      await expect(asTimelock().activateCircuitVersion(version, recorded, ZeroHash))
        .to.be.revertedWithCustomError(verifier, "WrongCodeHash")
        .withArgs(codeHash, ZeroHash);
    });

    it("reverts if the code changed since the version was added, whichever hash is given", async () => {
      const { verifier, chain } = system;
      await asAdmin().addCircuitVersion(circuitVerifier);
      const before = await activationOf(system, 2);
      await chain.helpers.setCode(circuitVerifier, "0x6001");
      const after = await activationOf(system, 2);
      for (const given of [before, after]) {
        await expect(asTimelock().activateCircuitVersion(...given))
          .to.be.revertedWithCustomError(verifier, "WrongCodeHash")
          .withArgs(before[2], after[2]);
      }
      expect(await statusOf(2)).to.equal(STATUS.added);
    });

    it("lets the version in beside the others", async () => {
      await asAdmin().addCircuitVersion(circuitVerifier);
      await expect(asTimelock().activateCircuitVersion(...(await activationOf(system, 2))))
        .to.emit(system.verifier, "CircuitVersionActivated")
        .withArgs(2);
      expect([await statusOf(1), await statusOf(2)]).to.deep.equal([STATUS.active, STATUS.active]);
    });
  });

  context("retireCircuitVersion()", () => {
    it("reverts if the caller is not the default admin", async () => {
      await expect(asTimelock().retireCircuitVersion(1, true)).to.be.revertedWithCustomError(
        system.verifier,
        unauthorised,
      );
    });

    it("reverts if the version is unknown", async () => {
      await expect(asAdmin().retireCircuitVersion(2, true)).to.be.revertedWithCustomError(
        system.verifier,
        "CircuitVersionUnknown",
      );
    });

    it("goes from active to superseded to broken and never back", async () => {
      const { verifier } = system;
      await expect(asAdmin().retireCircuitVersion(1, false))
        .to.emit(verifier, "CircuitVersionRetired")
        .withArgs(1, false);
      const again = expect(asAdmin().retireCircuitVersion(1, false));
      await again.to.be.revertedWithCustomError(verifier, "CircuitVersionWrongStatus");
      await expect(asAdmin().retireCircuitVersion(1, true))
        .to.emit(verifier, "CircuitVersionRetired")
        .withArgs(1, true);
      for (const broken of [true, false]) {
        await expect(asAdmin().retireCircuitVersion(1, broken))
          .to.be.revertedWithCustomError(verifier, "CircuitVersionWrongStatus")
          .withArgs(1, STATUS.active, STATUS.broken);
      }
      expect(await statusOf(1)).to.equal(STATUS.broken);
    });

    it("ends a version that was never active", async () => {
      await asAdmin().addCircuitVersion(circuitVerifier);
      await asAdmin().retireCircuitVersion(2, true);
      await expect(
        asTimelock().activateCircuitVersion(...(await activationOf(system, 2))),
      ).to.be.revertedWithCustomError(system.verifier, "CircuitVersionWrongStatus");
    });
  });

  context("distrustCircuitVersion()", () => {
    it("reverts if the caller is not the default admin", async () => {
      await expect(asTimelock().distrustCircuitVersion(1, 0)).to.be.revertedWithCustomError(
        system.verifier,
        unauthorised,
      );
    });

    it("reverts if the version is unknown", async () => {
      await expect(asAdmin().distrustCircuitVersion(2, 0)).to.be.revertedWithCustomError(
        system.verifier,
        "CircuitVersionUnknown",
      );
    });

    it("reverts if it would begin in the future", async () => {
      const { chain, verifier } = system;
      const at = (await chain.time.latest()) + 100;
      await chain.time.setNextBlockTimestamp(at);
      await expect(asAdmin().distrustCircuitVersion(1, at + 1))
        .to.be.revertedWithCustomError(verifier, "SinceInFuture")
        .withArgs(at + 1, at);
      await chain.time.setNextBlockTimestamp(at + 1);
      await asAdmin().distrustCircuitVersion(1, at + 1);
    });

    it("only ever widens", async () => {
      const { verifier } = system;
      await expect(asAdmin().distrustCircuitVersion(1, 100))
        .to.emit(verifier, "CircuitVersionDistrusted")
        .withArgs(1, 100);
      for (const since of [100, 101]) {
        await expect(asAdmin().distrustCircuitVersion(1, since))
          .to.be.revertedWithCustomError(verifier, "DistrustNotEarlier")
          .withArgs(100, since);
      }
      await asAdmin().distrustCircuitVersion(1, 0);
      expect((await verifier.circuitVersion(1)).distrustedSince).to.equal(0n);
    });
  });

  context("distrustSigner()", () => {
    it("reverts if the caller is not the default admin", async () => {
      const { verifier, actors } = system;
      await expect(
        verifier.connect(actors.signer).distrustSigner(actors.otherSigner.address, 0),
      ).to.be.revertedWithCustomError(verifier, unauthorised);
    });

    it("reverts if it would begin in the future", async () => {
      const { verifier, actors, chain } = system;
      await expect(
        asAdmin().distrustSigner(actors.signer.address, (await chain.time.latest()) + 1000),
      ).to.be.revertedWithCustomError(verifier, "SinceInFuture");
    });

    it("reverts for the zero address", async () => {
      await expect(asAdmin().distrustSigner(ZeroAddress, 0)).to.be.revertedWithCustomError(
        system.verifier,
        "ZeroAddress",
      );
    });

    it("only ever widens, back to time 0", async () => {
      const { verifier, actors } = system;
      const { address } = actors.signer;
      expect(await verifier.signerDistrustedSince(address)).to.equal(MAX_U64);
      await expect(asAdmin().distrustSigner(address, 100))
        .to.emit(verifier, "SignerDistrusted")
        .withArgs(address, 100);
      for (const since of [100, 101]) {
        await expect(asAdmin().distrustSigner(address, since))
          .to.be.revertedWithCustomError(verifier, "DistrustNotEarlier")
          .withArgs(100, since);
      }
      await asAdmin().distrustSigner(address, 0);
      expect(await verifier.signerDistrustedSince(address)).to.equal(0n);
      await expect(asAdmin().distrustSigner(address, 0)).to.be.revertedWithCustomError(
        verifier,
        "DistrustNotEarlier",
      );
    });
  });
});
