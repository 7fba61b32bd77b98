import { expect } from "chai";
import { ZeroAddress, ZeroHash } from "ethers";
import { ADMIN_DELAY, actorsOf, DAY, newChain } from "../support/contracts/chain.ts";
import {
  anchorNext,
  batchAfter,
  deployRegistry,
  OTHER_STREAM,
  STREAM,
} from "../support/contracts/registry.ts";

describe("AnchorRegistry", () => {
  const fixture = async () => {
    const chain = await newChain();
    const actors = await actorsOf(chain);
    return { chain, actors, registry: await deployRegistry(chain, actors) };
  };
  let world: Awaited<ReturnType<typeof fixture>>;
  beforeEach(async () => {
    world = await fixture();
  });

  context("constructor", () => {
    it("gives the admin, the guardians and the timelock their roles and the deployer none", async () => {
      const { registry, actors } = world;
      const [admin, guardian, reopener] = await Promise.all([
        registry.DEFAULT_ADMIN_ROLE(),
        registry.GUARDIAN_ROLE(),
        registry.REOPENER_ROLE(),
      ]);
      expect(await registry.defaultAdmin()).to.equal(actors.admin.address);
      expect(await registry.defaultAdminDelay()).to.equal(ADMIN_DELAY);
      expect(await registry.hasRole(guardian, actors.guardian.address)).to.equal(true);
      expect(await registry.hasRole(guardian, actors.otherGuardian.address)).to.equal(true);
      expect(await registry.hasRole(reopener, actors.timelock.address)).to.equal(true);
      for (const role of [admin, guardian, reopener]) {
        expect(await registry.hasRole(role, actors.deployer.address)).to.equal(false);
      }
    });

    it("reverts if the admin, a guardian or the timelock is the zero address", async () => {
      const { chain, actors, registry } = world;
      const [admin, guardian, timelock] = [actors.admin, actors.guardian, actors.timelock].map(
        (a) => a.address,
      );
      const deploy = (...given: unknown[]) => chain.ethers.deployContract("AnchorRegistry", given);
      await expect(deploy(ZeroAddress, ADMIN_DELAY, [guardian], timelock)).to.be.revertedWithCustomError(
        registry,
        "AccessControlInvalidDefaultAdmin",
      );
      await expect(
        deploy(admin, ADMIN_DELAY, [guardian, ZeroAddress], timelock),
      ).to.be.revertedWithCustomError(registry, "ZeroAddress");
      await expect(deploy(admin, ADMIN_DELAY, [guardian], ZeroAddress)).to.be.revertedWithCustomError(
        registry,
        "ZeroAddress",
      );
    });
  });

  context("roles", () => {
    it("the default admin cannot grant itself the timelock's role", async () => {
      const { registry, actors } = world;
      const role = await registry.REOPENER_ROLE();
      await expect(registry.connect(actors.admin).grantRole(role, actors.admin.address))
        .to.be.revertedWithCustomError(registry, "AccessControlUnauthorizedAccount")
        .withArgs(actors.admin.address, role);
    });

    it("the timelock can hand its role on", async () => {
      const { registry, actors } = world;
      const role = await registry.REOPENER_ROLE();
      await registry.connect(actors.timelock).grantRole(role, actors.stranger.address);
      expect(await registry.hasRole(role, actors.stranger.address)).to.equal(true);
    });
  });

  context("openStream()", () => {
    it("reverts if the caller is not the default admin", async () => {
      const { registry, actors } = world;
      await expect(registry.connect(actors.stranger).openStream(STREAM, actors.anchorer.address, 0))
        .to.be.revertedWithCustomError(registry, "AccessControlUnauthorizedAccount")
        .withArgs(actors.stranger.address, ZeroHash);
    });

    it("reverts if the stream id is zero", async () => {
      const { registry, actors } = world;
      await expect(
        registry.connect(actors.admin).openStream(ZeroHash, actors.anchorer.address, 0),
      ).to.be.revertedWithCustomError(registry, "ZeroStreamId");
    });

    it("reverts if the anchorer is the zero address", async () => {
      const { registry, actors } = world;
      await expect(
        registry.connect(actors.admin).openStream(STREAM, ZeroAddress, 0),
      ).to.be.revertedWithCustomError(registry, "ZeroAddress");
    });

    it("reverts if the maturity delay is above 7 days", async () => {
      const { registry, actors } = world;
      await expect(registry.connect(actors.admin).openStream(STREAM, actors.anchorer.address, 7 * DAY + 1))
        .to.be.revertedWithCustomError(registry, "MaturityDelayTooLong")
        .withArgs(7 * DAY, 7 * DAY + 1);
      await registry.connect(actors.admin).openStream(STREAM, actors.anchorer.address, 7 * DAY);
    });

    it("reverts if the stream is open already", async () => {
      const { registry, actors } = world;
      await registry.connect(actors.admin).openStream(STREAM, actors.anchorer.address, 0);
      await registry.connect(actors.admin).replaceAnchorer(STREAM, ZeroAddress);
      await expect(registry.connect(actors.admin).openStream(STREAM, actors.stranger.address, 0))
        .to.be.revertedWithCustomError(registry, "StreamAlreadyOpen")
        .withArgs(STREAM);
    });

    it("opens a stream with an empty head", async () => {
      const { registry, actors } = world;
      await expect(registry.connect(actors.admin).openStream(STREAM, actors.anchorer.address, 60))
        .to.emit(registry, "StreamOpened")
        .withArgs(STREAM, actors.anchorer.address, 60);
      expect(await registry.head(STREAM)).to.deep.equal([actors.anchorer.address, 0n, 0n, ZeroHash, 60n, 0n]);
      await expect(registry.head(OTHER_STREAM)).to.be.revertedWithCustomError(registry, "StreamUnknown");
    });
  });

  context("replaceAnchorer()", () => {
    it("reverts if the caller is not the default admin", async () => {
      const { registry, actors } = world;
      await registry.connect(actors.admin).openStream(STREAM, actors.anchorer.address, 0);
      await expect(
        registry.connect(actors.anchorer).replaceAnchorer(STREAM, actors.stranger.address),
      ).to.be.revertedWithCustomError(registry, "AccessControlUnauthorizedAccount");
    });

    it("reverts if the stream is unknown", async () => {
      const { registry, actors } = world;
      await expect(registry.connect(actors.admin).replaceAnchorer(STREAM, actors.stranger.address))
        .to.be.revertedWithCustomError(registry, "StreamUnknown")
        .withArgs(STREAM);
    });

    it("lets the new anchorer in and the old one out at once", async () => {
      const { registry, actors } = world;
      const [old, next] = [actors.anchorer, actors.stranger];
      await registry.connect(actors.admin).openStream(STREAM, old.address, 0);
      await expect(registry.connect(actors.admin).replaceAnchorer(STREAM, next.address))
        .to.emit(registry, "AnchorerReplaced")
        .withArgs(STREAM, old.address, next.address);
      await expect(registry.connect(old).anchor(STREAM, batchAfter(0n, 1n), ZeroHash))
        .to.be.revertedWithCustomError(registry, "NotAnchorer")
        .withArgs(next.address, old.address);
      await registry.connect(next).anchor(STREAM, batchAfter(0n, 1n), ZeroHash);
    });

    it("suspends the stream when the new anchorer is the zero address", async () => {
      const { registry, actors } = world;
      await registry.connect(actors.admin).openStream(STREAM, actors.anchorer.address, 0);
      const { stateRoot } = await anchorNext(registry, actors);
      await registry.connect(actors.admin).replaceAnchorer(STREAM, ZeroAddress);
      await expect(registry.connect(actors.anchorer).anchor(STREAM, batchAfter(10n, 1n), stateRoot))
        .to.be.revertedWithCustomError(registry, "NotAnchorer")
        .withArgs(ZeroAddress, actors.anchorer.address);
      expect((await registry.head(STREAM)).batchIndex).to.equal(1n);
    });
  });
});
