import { upgrades as upgradesOf } from "@openzeppelin/hardhat-upgrades";
import { expect } from "chai";
import { getAddress, id, TypedDataEncoder, ZeroAddress, ZeroHash } from "ethers";
import hre, { network } from "hardhat";
import { SUBMISSION_TYPES, submissionDomain } from "../../src/chain/submission.ts";
import { ADMIN_DELAY } from "../support/contracts/chain.ts";
import { anchorNext, STREAM } from "../support/contracts/registry.ts";
import {
  AGENT,
  attest,
  contextOf,
  deployImplementation,
  deployProxy,
  deploySystem,
  type InitParams,
  initParams,
  makeItem,
  type System,
  subjectOf,
} from "../support/contracts/system.ts";

const IMPLEMENTATION_SLOT = BigInt(id("eip1967.proxy.implementation")) - 1n;

describe("ProofXVerifier", () => {
  let system: System;
  beforeEach(async () => {
    system = await deploySystem();
  });

  const params = async (): Promise<InitParams> =>
    initParams(
      system.actors,
      await system.registry.getAddress(),
      (await system.verifier.circuitVersion(1)).circuitVerifier,
    );
  const rolesOf = async () => {
    const { verifier } = system;
    return {
      signer: await verifier.SIGNER_ROLE(),
      pauser: await verifier.PAUSER_ROLE(),
      policy: await verifier.POLICY_ROLE(),
      upgrader: await verifier.UPGRADER_ROLE(),
      circuit: await verifier.CIRCUIT_ROLE(),
    };
  };

  context("initialize()", () => {
    it("gives every role to its holders and none to the deployer", async () => {
      const { verifier, actors } = system;
      const roles = await rolesOf();
      const holders = [
        [ZeroHash, actors.admin],
        [roles.signer, actors.signer],
        [roles.signer, actors.otherSigner],
        [roles.pauser, actors.guardian],
        [roles.pauser, actors.otherGuardian],
        [roles.policy, actors.policyAdmin],
        [roles.upgrader, actors.timelock],
        [roles.circuit, actors.timelock],
      ] as const;
      const granted = await verifier.queryFilter(verifier.filters.RoleGranted);
      const pairs = granted.map(({ args }) => `${args.role} ${args.account}`);
      expect(pairs).to.have.members(holders.map(([role, { address }]) => `${role} ${address}`));
      for (const role of [ZeroHash, ...Object.values(roles)]) {
        expect(await verifier.hasRole(role, actors.deployer.address)).to.equal(false);
      }
      expect(await verifier.defaultAdminDelay()).to.equal(ADMIN_DELAY);
      expect(await verifier.registry()).to.equal(await system.registry.getAddress());
    });

    it("makes circuit version 1 active", async () => {
      const { verifier } = system;
      expect(await verifier.circuitVersionCount()).to.equal(1n);
      expect((await verifier.circuitVersion(1)).status).to.equal(2n);
    });

    it("reverts when it was called before", async () => {
      const { verifier, actors } = system;
      for (const caller of [actors.admin, actors.timelock, actors.stranger]) {
        await expect(verifier.connect(caller).initialize(await params())).to.be.revertedWithCustomError(
          verifier,
          "InvalidInitialization",
        );
      }
    });

    it("reverts on the implementation itself", async () => {
      const implementation = await deployImplementation(system.chain, system.library);
      await expect(implementation.initialize(await params())).to.be.revertedWithCustomError(
        implementation,
        "InvalidInitialization",
      );
    });

    it("reverts if an address that must be somebody's is zero", async () => {
      const { chain, verifier, library } = system;
      const implementation = await deployImplementation(chain, library);
      const given = await params();
      const faults: Partial<InitParams>[] = [
        { timelock: ZeroAddress },
        { registry: ZeroAddress },
        { guardians: [ZeroAddress] },
        { signers: [given.admin, ZeroAddress] },
        { policyAdmins: [ZeroAddress] },
      ];
      for (const fault of faults) {
        await expect(
          deployProxy(chain, implementation, { ...given, ...fault }),
          Object.keys(fault).join(),
        ).to.be.revertedWithCustomError(verifier, "ZeroAddress");
      }
      await expect(
        deployProxy(chain, implementation, { ...given, admin: ZeroAddress }),
      ).to.be.revertedWithCustomError(verifier, "AccessControlInvalidDefaultAdmin");
    });

    it("reverts if the timelock is the admin", async () => {
      const { chain, verifier, library, actors } = system;
      const implementation = await deployImplementation(chain, library);
      const given = { ...(await params()), timelock: actors.admin.address };
      await expect(deployProxy(chain, implementation, given))
        .to.be.revertedWithCustomError(verifier, "TimelockIsAdmin")
        .withArgs(actors.admin.address);
    });

    it("reverts if there is no contract at the circuit verifier's address", async () => {
      const { chain, verifier, library, actors } = system;
      const implementation = await deployImplementation(chain, library);
      const given = { ...(await params()), circuitVerifier: actors.stranger.address };
      await expect(deployProxy(chain, implementation, given))
        .to.be.revertedWithCustomError(verifier, "CircuitVerifierHasNoCode")
        .withArgs(actors.stranger.address);
    });
  });

  context("roles", () => {
    it("the default admin cannot grant itself a timelock role", async () => {
      const { verifier, actors } = system;
      const { upgrader, circuit } = await rolesOf();
      for (const role of [upgrader, circuit]) {
        await expect(verifier.connect(actors.admin).grantRole(role, actors.admin.address))
          .to.be.revertedWithCustomError(verifier, "AccessControlUnauthorizedAccount")
          .withArgs(actors.admin.address, role);
        await expect(
          verifier.connect(actors.admin).revokeRole(role, actors.timelock.address),
        ).to.be.revertedWithCustomError(verifier, "AccessControlUnauthorizedAccount");
      }
    });

    it("the timelock can hand its roles on", async () => {
      const { verifier, actors } = system;
      const { upgrader } = await rolesOf();
      await verifier.connect(actors.timelock).grantRole(upgrader, actors.stranger.address);
      await verifier.connect(actors.timelock).renounceRole(upgrader, actors.timelock.address);
      expect(await verifier.hasRole(upgrader, actors.stranger.address)).to.equal(true);
    });

    it("handing the default admin on takes two steps and the delay", async () => {
      const { verifier, actors, chain } = system;
      const { admin, stranger } = actors;
      await expect(
        verifier.connect(admin).grantRole(ZeroHash, stranger.address),
      ).to.be.revertedWithCustomError(verifier, "AccessControlEnforcedDefaultAdminRules");
      await verifier.connect(admin).beginDefaultAdminTransfer(stranger.address);
      await expect(verifier.connect(stranger).acceptDefaultAdminTransfer()).to.be.revertedWithCustomError(
        verifier,
        "AccessControlEnforcedDefaultAdminDelay",
      );
      await chain.time.increase(ADMIN_DELAY + 1);
      await verifier.connect(stranger).acceptDefaultAdminTransfer();
      expect(await verifier.defaultAdmin()).to.equal(stranger.address);
    });
  });

  context("accepting the default admin's role", () => {
    it("reverts early, to the second, on both contracts, and for anybody but the one named", async () => {
      const { actors, chain } = system;
      const { admin, stranger, guardian } = actors;
      for (const contract of [system.verifier, system.registry]) {
        const sent = await contract.connect(admin).beginDefaultAdminTransfer(stranger.address);
        const { timestamp = 0 } = (await chain.ethers.provider.getBlock(sent.blockNumber ?? 0)) ?? {};
        // The last second of the delay is too early, too.
        await chain.time.setNextBlockTimestamp(timestamp + ADMIN_DELAY);
        await expect(contract.connect(stranger).acceptDefaultAdminTransfer())
          .to.be.revertedWithCustomError(contract, "AccessControlEnforcedDefaultAdminDelay")
          .withArgs(timestamp + ADMIN_DELAY);
        await expect(contract.connect(guardian).acceptDefaultAdminTransfer())
          .to.be.revertedWithCustomError(contract, "AccessControlInvalidDefaultAdmin")
          .withArgs(guardian.address);
        await chain.time.setNextBlockTimestamp(timestamp + ADMIN_DELAY + 1);
        await contract.connect(stranger).acceptDefaultAdminTransfer();
        expect(await contract.defaultAdmin()).to.equal(stranger.address);
      }
    });

    it("reverts after the admin called the hand-over off, and a shorter delay does not hasten one", async () => {
      const { verifier, actors, chain } = system;
      const { admin, stranger } = actors;
      await verifier.connect(admin).changeDefaultAdminDelay(0);
      await verifier.connect(admin).beginDefaultAdminTransfer(stranger.address);
      await chain.time.increase(ADMIN_DELAY / 2);
      await expect(verifier.connect(stranger).acceptDefaultAdminTransfer()).to.be.revertedWithCustomError(
        verifier,
        "AccessControlEnforcedDefaultAdminDelay",
      );
      await verifier.connect(admin).cancelDefaultAdminTransfer();
      await chain.time.increase(ADMIN_DELAY);
      await expect(verifier.connect(stranger).acceptDefaultAdminTransfer()).to.be.revertedWithCustomError(
        verifier,
        "AccessControlInvalidDefaultAdmin",
      );
      expect(await verifier.defaultAdmin()).to.equal(admin.address);
    });
  });

  context("upgradeToAndCall()", () => {
    it("reverts unless the timelock calls", async () => {
      const { verifier, actors, chain, library } = system;
      const next = await deployImplementation(chain, library, "ProofXVerifierNext__Harness");
      for (const caller of [actors.admin, actors.guardian, actors.stranger]) {
        await expect(
          verifier.connect(caller).upgradeToAndCall(await next.getAddress(), "0x"),
        ).to.be.revertedWithCustomError(verifier, "AccessControlUnauthorizedAccount");
      }
    });

    it("switches the implementation and keeps the state", async () => {
      const { verifier, actors, chain, library, registry } = system;
      const { ref } = await anchorNext(registry, actors);
      await attest(system, await makeItem(system, ref));
      const before = await verifier.attestation(STREAM, AGENT, 1);
      const next = await deployImplementation(chain, library, "ProofXVerifierNext__Harness");
      await verifier.connect(actors.timelock).upgradeToAndCall(await next.getAddress(), "0x");
      const slot = await chain.helpers.getStorageAt(await verifier.getAddress(), IMPLEMENTATION_SLOT);
      expect(getAddress(`0x${slot.slice(-40)}`)).to.equal(await next.getAddress());
      const upgraded = await chain.ethers.getContractAt(
        "ProofXVerifierNext__Harness",
        await verifier.getAddress(),
      );
      expect(await upgraded.getFunction("generation")()).to.equal(2n);
      expect(await verifier.attestation(STREAM, AGENT, 1)).to.deep.equal(before);
    });

    it("an upgrade that breaks storage is refused by the validation, a sound one passes", async () => {
      const connection = await network.create();
      const { validateUpgrade, validateImplementation } = await upgradesOf(hre, connection);
      const { ethers } = connection;
      const libraries = { PoseidonT4: system.library };
      const current = await ethers.getContractFactory("ProofXVerifier", { libraries });
      const next = await ethers.getContractFactory("ProofXVerifierNext__Harness", { libraries });
      const broken = await ethers.getContractFactory("ProofXVerifierBrokenStorage__Harness");
      await validateImplementation(current, { kind: "uups" });
      await validateUpgrade(current, next, { kind: "uups" });
      const fault = await validateUpgrade(current, broken, { kind: "uups" }).then(
        () => "accepted",
        (error: unknown) => String(error),
      );
      expect(fault).to.contain("New storage layout is incompatible").and.to.contain("somethingElse");
    });
  });

  context("hashes", () => {
    it("subjectOf() is the subject of docs/formats.md", async () => {
      const { verifier } = system;
      expect(await verifier.subjectOf(STREAM, AGENT)).to.equal(subjectOf(STREAM, AGENT));
    });

    it("contextOf() binds chain, contract, version, submitter and deadline", async () => {
      const { verifier, actors, chainId, registry } = system;
      const { ref } = await anchorNext(registry, actors);
      const { submission } = await makeItem(system, ref);
      const { circuitVersion, submitter, deadline } = submission;
      expect(await verifier.contextOf(circuitVersion, submitter, deadline)).to.equal(
        contextOf(chainId, await verifier.getAddress(), submission),
      );
    });

    it("submissionDigest() is EIP-712's, under ProofX version 1", async () => {
      const { verifier, chainId, registry, actors } = system;
      const { ref } = await anchorNext(registry, actors);
      const { submission } = await makeItem(system, ref);
      const domain = submissionDomain(chainId, await verifier.getAddress());
      expect(await verifier.submissionDigest(submission as never)).to.equal(
        TypedDataEncoder.hash(domain, SUBMISSION_TYPES, submission),
      );
      expect((await verifier.eip712Domain()).slice(1, 5)).to.deep.equal([
        "ProofX",
        "1",
        chainId,
        await verifier.getAddress(),
      ]);
    });
  });
});
