import { expect } from "chai";
import { ZeroHash } from "ethers";
import { actorsOf, newChain } from "../support/contracts/chain.ts";
import {
  type Anchored,
  anchorNext,
  deployRegistry,
  reopenArguments,
  STREAM,
  word,
} from "../support/contracts/registry.ts";

describe("AnchorRegistry", () => {
  const fixture = async () => {
    const chain = await newChain();
    const actors = await actorsOf(chain);
    const registry = await deployRegistry(chain, actors);
    await registry.connect(actors.admin).openStream(STREAM, actors.anchorer.address, 0);
    const anchored: Anchored[] = [];
    for (let i = 0; i < 4; i++) anchored.push(await anchorNext(registry, actors));
    return { chain, actors, registry, anchored };
  };
  let world: Awaited<ReturnType<typeof fixture>>;
  beforeEach(async () => {
    world = await fixture();
  });

  type ReopenArguments = ReturnType<typeof reopenArguments>;
  const reopen = (args: ReopenArguments, caller = world.actors.timelock, streamId = STREAM) =>
    world.registry.connect(caller).reopen(streamId, ...args);

  context("reopen()", () => {
    it("reverts if the caller is not the timelock", async () => {
      const { registry, actors, anchored } = world;
      for (const caller of [actors.admin, actors.guardian, actors.anchorer]) {
        await expect(reopen(reopenArguments(anchored, 2), caller)).to.be.revertedWithCustomError(
          registry,
          "AccessControlUnauthorizedAccount",
        );
      }
    });

    it("reverts if the stream is unknown", async () => {
      const { registry, actors, anchored } = world;
      await expect(
        reopen(reopenArguments(anchored, 2), actors.timelock, word(1)),
      ).to.be.revertedWithCustomError(registry, "StreamUnknown");
    });

    it("reverts if there is nothing to cut", async () => {
      const [, end, stateRoot] = reopenArguments(world.anchored, 4);
      for (const index of [4n, 5n, 2n ** 64n - 1n]) {
        await expect(reopen([index, end, stateRoot, []]))
          .to.be.revertedWithCustomError(world.registry, "NothingToCut")
          .withArgs(4n, index);
      }
    });

    it("reverts if too few or too many cut batches are given", async () => {
      const [index, end, stateRoot, cut] = reopenArguments(world.anchored, 2);
      for (const wrong of [[], cut.slice(1), [...cut, ...cut.slice(1)]]) {
        await expect(reopen([index, end, stateRoot, wrong]))
          .to.be.revertedWithCustomError(world.registry, "WrongCutLength")
          .withArgs(2n, wrong.length);
      }
    });

    it("reverts if the kept state was never anchored", async () => {
      const [index, end, stateRoot, cut] = reopenArguments(world.anchored, 2);
      const { registry } = world;
      const faults: ReopenArguments[] = [
        [index, end, word(1), cut],
        [index, end + 1n, stateRoot, cut],
        [index, 2n ** 64n - 1n, stateRoot, cut],
        // The right chain of two under another index never fits: the length differs.
        [index - 1n, end, stateRoot, [...cut.slice(0, 1), ...cut]],
      ];
      for (const fault of faults) {
        await expect(reopen(fault)).to.be.revertedWithCustomError(registry, "WrongCutChain");
      }
    });

    it("reverts if a cut batch is not the anchored one", async () => {
      const { registry, anchored } = world;
      const [index, end, stateRoot, cut] = reopenArguments(anchored, 2);
      const [third, fourth] = cut as [(typeof cut)[0], (typeof cut)[0]];
      const faults = [
        [{ ...third, contentRoot: word(1) }, fourth],
        [{ ...third, end: third.end + 1n }, fourth],
        [third, { ...fourth, end: 0n }],
        [fourth, third],
      ];
      for (const fault of faults) {
        await expect(reopen([index, end, stateRoot, fault])).to.be.revertedWithCustomError(
          registry,
          "WrongCutChain",
        );
      }
    });

    it("cuts the tail, begins a new epoch and lets the stream go on from there", async () => {
      const { registry, actors, anchored } = world;
      const [, second] = anchored as [Anchored, Anchored];
      await expect(reopen(reopenArguments(anchored, 2)))
        .to.emit(registry, "StreamReopened")
        .withArgs(STREAM, 2n, 1n, 2n, second.stateRoot);
      expect(await registry.head(STREAM)).to.deep.equal([
        actors.anchorer.address,
        2n,
        second.ref.end,
        second.stateRoot,
        0n,
        1n,
      ]);
      const third = await anchorNext(registry, actors, { count: 3n });
      expect(third.ref).to.include({ batchIndex: 3n, end: second.ref.end + 3n });
    });

    it("cuts the whole stream", async () => {
      const { registry, actors, anchored } = world;
      await reopen(reopenArguments(anchored, 0));
      expect(await registry.head(STREAM)).to.deep.equal([actors.anchorer.address, 0n, 0n, ZeroHash, 0n, 1n]);
      const { stateRoot } = await anchorNext(registry, actors);
      // The same first batch again gives the same first state root.
      expect(stateRoot).to.equal(anchored[0]?.stateRoot);
    });

    it("cuts more batches than the ring holds, so that nobody can bury a good state", async () => {
      const { registry, actors, anchored } = world;
      for (let i = 0; i < 300; i++) anchored.push(await anchorNext(registry, actors, { count: 1n }));
      await reopen(reopenArguments(anchored, 2));
      expect((await registry.head(STREAM)).stateRoot).to.equal(anchored[1]?.stateRoot);
    });
  });

  context("isKept()", () => {
    const kept = (epoch: number, index: number) => world.registry.isKept(STREAM, epoch, index);

    it("is false for cut batches and true for kept ones", async () => {
      await reopen(reopenArguments(world.anchored, 2));
      expect(await Promise.all([1, 2, 3, 4].map((index) => kept(0, index)))).to.deep.equal([
        true,
        true,
        false,
        false,
      ]);
      expect(await kept(1, 2)).to.equal(true);
      expect(await kept(1, 3)).to.equal(false);
    });

    it("stays false for a cut batch when its index is used again", async () => {
      const { registry, actors, anchored } = world;
      await reopen(reopenArguments(anchored, 2));
      await anchorNext(registry, actors);
      expect(await kept(0, 3)).to.equal(false);
      expect(await kept(1, 3)).to.equal(true);
    });

    it("counts every later reopening, not only the next", async () => {
      const { registry, actors, anchored } = world;
      await reopen(reopenArguments(anchored, 3));
      const again = [...anchored.slice(0, 3), await anchorNext(registry, actors)];
      await reopen(reopenArguments(again, 1));
      const third = [...anchored.slice(0, 1)];
      for (let i = 0; i < 3; i++) third.push(await anchorNext(registry, actors));
      await reopen(reopenArguments(third, 3));
      expect([await kept(0, 1), await kept(0, 2), await kept(0, 3)]).to.deep.equal([true, false, false]);
      expect([await kept(1, 1), await kept(1, 2), await kept(1, 4)]).to.deep.equal([true, false, false]);
      expect([await kept(2, 3), await kept(2, 4), await kept(3, 3)]).to.deep.equal([true, false, true]);
    });
  });
});
