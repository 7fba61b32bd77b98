import { expect } from "chai";
import { ZeroAddress, ZeroHash } from "ethers";
import { actorsOf, newChain, P } from "../support/contracts/chain.ts";
import {
  anchorNext,
  type BatchRef,
  deployRegistry,
  OTHER_STREAM,
  reopenArguments,
  STREAM,
  word,
} from "../support/contracts/registry.ts";

const DELAY = 3600;

describe("AnchorRegistry", () => {
  const fixture = async () => {
    const chain = await newChain();
    const actors = await actorsOf(chain);
    const registry = await deployRegistry(chain, actors);
    await registry.connect(actors.admin).openStream(STREAM, actors.anchorer.address, DELAY);
    await registry.connect(actors.admin).openStream(OTHER_STREAM, actors.anchorer.address, 0);
    const first = await anchorNext(registry, actors);
    return { chain, actors, registry, first };
  };
  let world: Awaited<ReturnType<typeof fixture>>;
  beforeEach(async () => {
    world = await fixture();
  });

  const mature = (ref: BatchRef) => world.chain.time.increaseTo(ref.matureAt);
  const use = (ref: BatchRef, streamId = STREAM) => world.registry.requireUsable(streamId, ref);
  const veto = (ref: BatchRef) => world.registry.connect(world.actors.guardian).veto(STREAM, ref);
  const refused = (ref: BatchRef, error: string, streamId = STREAM) =>
    expect(use(ref, streamId)).to.be.revertedWithCustomError(world.registry, error);

  context("requireUsable()", () => {
    it("answers the epoch and the time of anchoring", async () => {
      const { first } = world;
      await mature(first.ref);
      expect(await use(first.ref)).to.deep.equal([0n, first.ref.matureAt - BigInt(DELAY)]);
    });

    it("reverts if the stream is unknown", async () => {
      await refused(world.first.ref, "StreamUnknown", word(1));
    });

    it("reverts if the facts root is zero", async () => {
      const { registry, actors } = world;
      const { ref } = await anchorNext(registry, actors, { changes: { factsRoot: ZeroHash } });
      await mature(ref);
      await refused(ref, "FactsRootZero");
    });

    it("reverts if the facts root is unknown", async () => {
      const { first } = world;
      await mature(first.ref);
      await refused({ ...first.ref, factsRoot: word(1) }, "BatchUnknown");
      await refused({ ...first.ref, factsRoot: word(BigInt(first.ref.factsRoot) + P) }, "BatchUnknown");
    });

    it("reverts if index, end or maturity is not the anchored one", async () => {
      const { ref } = world.first;
      await mature(ref);
      await refused({ ...ref, batchIndex: 0n }, "BatchUnknown");
      await refused({ ...ref, batchIndex: ref.batchIndex + 256n }, "BatchUnknown");
      await refused({ ...ref, end: ref.end + 1n }, "BatchUnknown");
      await refused({ ...ref, matureAt: ref.matureAt - 1n }, "BatchUnknown");
    });

    it("reverts if the facts root is of another stream", async () => {
      const { registry, actors, first } = world;
      await anchorNext(registry, actors, { streamId: OTHER_STREAM });
      await mature(first.ref);
      await refused(first.ref, "BatchUnknown", OTHER_STREAM);
    });

    it("reverts until the batch is mature", async () => {
      const { chain, registry, first } = world;
      await chain.time.increaseTo(first.ref.matureAt - 1n);
      await expect(use(first.ref))
        .to.be.revertedWithCustomError(registry, "BatchNotMature")
        .withArgs(first.ref.matureAt, first.ref.matureAt - 1n);
      await chain.time.increaseTo(first.ref.matureAt);
      await use(first.ref);
    });

    it("reverts if the batch was vetoed", async () => {
      const { first } = world;
      await veto(first.ref);
      await mature(first.ref);
      await refused(first.ref, "BatchIsVetoed");
    });

    it("reverts if the batch is out of the ring", async () => {
      const { registry, actors, first } = world;
      for (let i = 0; i < 255; i++) await anchorNext(registry, actors, { count: 1n });
      await mature(first.ref);
      await use(first.ref);
      await anchorNext(registry, actors, { count: 1n });
      await refused(first.ref, "BatchUnknown");
    });

    it("reverts if the batch was cut, also where its ring slot was not used again", async () => {
      const { registry, actors, first } = world;
      const all = [first, await anchorNext(registry, actors), await anchorNext(registry, actors)];
      const [, second, third] = all as [typeof first, typeof first, typeof first];
      await registry.connect(actors.timelock).reopen(STREAM, ...reopenArguments(all, 1));
      await mature(third.ref);
      await refused(second.ref, "BatchUnknown");
      await refused(third.ref, "BatchUnknown");
      const replacement = await anchorNext(registry, actors, { changes: { factsRoot: word(77) } });
      await mature(replacement.ref);
      await refused(second.ref, "BatchUnknown");
      await refused(third.ref, "BatchUnknown");
      expect((await use(replacement.ref)).epoch).to.equal(1n);
      expect((await use(first.ref)).epoch).to.equal(1n);
    });
  });

  context("veto()", () => {
    it("reverts if the caller is no guardian", async () => {
      const { registry, actors, first } = world;
      for (const caller of [actors.admin, actors.anchorer, actors.stranger]) {
        await expect(registry.connect(caller).veto(STREAM, first.ref)).to.be.revertedWithCustomError(
          registry,
          "AccessControlUnauthorizedAccount",
        );
      }
    });

    it("reverts if the batch is unknown", async () => {
      const { registry, actors, first } = world;
      const unknown = { ...first.ref, factsRoot: word(1) };
      await expect(veto(unknown)).to.be.revertedWithCustomError(registry, "BatchUnknown");
      await expect(registry.connect(actors.guardian).veto(word(1), first.ref)).to.be.revertedWithCustomError(
        registry,
        "StreamUnknown",
      );
    });

    it("reverts if the batch is mature", async () => {
      const { chain, registry, first } = world;
      await chain.time.setNextBlockTimestamp(first.ref.matureAt);
      await expect(veto(first.ref))
        .to.be.revertedWithCustomError(registry, "BatchAlreadyMature")
        .withArgs(first.ref.matureAt, first.ref.matureAt);
    });

    it("reverts if the batch was vetoed already", async () => {
      await veto(world.first.ref);
      await expect(veto(world.first.ref)).to.be.revertedWithCustomError(world.registry, "BatchIsVetoed");
    });

    it("voids the facts root and leaves the chain as it is", async () => {
      const { registry, actors, first } = world;
      const before = await registry.head(STREAM);
      await expect(veto(first.ref))
        .to.emit(registry, "BatchVetoed")
        .withArgs(STREAM, 1n, actors.guardian.address);
      expect(await registry.head(STREAM)).to.deep.equal(before);
      const next = await anchorNext(registry, actors);
      await mature(next.ref);
      await use(next.ref);
      await refused(first.ref, "BatchIsVetoed");
    });
  });

  context("isKept()", () => {
    it("is true for every batch of the current epoch up to the head", async () => {
      const { registry, actors } = world;
      await anchorNext(registry, actors);
      expect(await registry.isKept(STREAM, 0, 1)).to.equal(true);
      expect(await registry.isKept(STREAM, 0, 2)).to.equal(true);
      // Suspended or not, immature or vetoed: being part of the chain is another matter.
      await registry.connect(actors.admin).replaceAnchorer(STREAM, ZeroAddress);
      expect(await registry.isKept(STREAM, 0, 2)).to.equal(true);
    });

    it("is false for index zero, above the head, in a future epoch and for an unknown stream", async () => {
      const { registry } = world;
      expect(await registry.isKept(STREAM, 0, 0)).to.equal(false);
      expect(await registry.isKept(STREAM, 0, 2)).to.equal(false);
      expect(await registry.isKept(STREAM, 1, 1)).to.equal(false);
      expect(await registry.isKept(word(1), 0, 1)).to.equal(false);
      expect(await registry.isKept(word(1), 0, 0)).to.equal(false);
    });
  });
});
