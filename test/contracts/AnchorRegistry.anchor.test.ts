import { expect } from "chai";
import { ZeroHash } from "ethers";
import { actorsOf, MAX_U64, newChain, P } from "../support/contracts/chain.ts";
import {
  anchorNext,
  type Batch,
  batchAfter,
  deployRegistry,
  OTHER_STREAM,
  STREAM,
  stateRootOf,
  word,
} from "../support/contracts/registry.ts";

describe("AnchorRegistry", () => {
  const fixture = async () => {
    const chain = await newChain();
    const actors = await actorsOf(chain);
    const registry = await deployRegistry(chain, actors);
    await registry.connect(actors.admin).openStream(STREAM, actors.anchorer.address, 60);
    const first = await anchorNext(registry, actors, { count: 10n });
    return { chain, actors, registry, first };
  };
  let world: Awaited<ReturnType<typeof fixture>>;
  beforeEach(async () => {
    world = await fixture();
  });

  /** Sends a batch on top of the first one, which ends at 10. */
  const send = (batch: Batch, previous = world.first.stateRoot) =>
    world.registry.connect(world.actors.anchorer).anchor(STREAM, batch, previous);

  /** Puts the stream's end where no honest stream gets within a test: its slot 0 is anchorer, end, index. */
  const forceEnd = async (end: bigint) => {
    const { chain, registry, actors } = world;
    const key = chain.ethers.keccak256(
      chain.ethers.AbiCoder.defaultAbiCoder().encode(["bytes32", "uint256"], [STREAM, await streamsSlot()]),
    );
    const packed = BigInt(actors.anchorer.address) | (end << 160n) | (1n << 224n);
    await chain.helpers.setStorageAt(await registry.getAddress(), BigInt(key), packed);
    expect((await registry.head(STREAM)).end).to.equal(end);
  };
  /** Finds the mapping's slot by looking: the layout before it is OpenZeppelin's. */
  const streamsSlot = async (): Promise<number> => {
    const { chain, registry, actors } = world;
    for (let slot = 0; slot < 10; slot++) {
      const key = chain.ethers.keccak256(
        chain.ethers.AbiCoder.defaultAbiCoder().encode(["bytes32", "uint256"], [STREAM, slot]),
      );
      const stored = await chain.helpers.getStorageAt(await registry.getAddress(), key);
      if (BigInt(stored) % 2n ** 160n === BigInt(actors.anchorer.address)) return slot;
    }
    throw new Error("the streams' mapping was not found");
  };

  context("anchor()", () => {
    it("reverts if the stream is unknown", async () => {
      const { registry, actors } = world;
      await expect(registry.connect(actors.anchorer).anchor(OTHER_STREAM, batchAfter(0n, 1n), ZeroHash))
        .to.be.revertedWithCustomError(registry, "StreamUnknown")
        .withArgs(OTHER_STREAM);
    });

    it("reverts if the caller is another stream's anchorer", async () => {
      const { registry, actors, first } = world;
      await registry.connect(actors.admin).openStream(OTHER_STREAM, actors.stranger.address, 0);
      await expect(registry.connect(actors.stranger).anchor(STREAM, batchAfter(10n, 1n), first.stateRoot))
        .to.be.revertedWithCustomError(registry, "NotAnchorer")
        .withArgs(actors.anchorer.address, actors.stranger.address);
    });

    it("reverts on a fork: a batch built on another state root", async () => {
      await expect(send(batchAfter(10n, 5n), word(1)))
        .to.be.revertedWithCustomError(world.registry, "WrongPreviousStateRoot")
        .withArgs(world.first.stateRoot, word(1));
    });

    it("reverts on a gap", async () => {
      await expect(send(batchAfter(11n, 5n)))
        .to.be.revertedWithCustomError(world.registry, "WrongStart")
        .withArgs(11n, 12n);
    });

    it("reverts on a rewind", async () => {
      await expect(send(batchAfter(9n, 5n)))
        .to.be.revertedWithCustomError(world.registry, "WrongStart")
        .withArgs(11n, 10n);
      await expect(send(batchAfter(0n, 10n)))
        .to.be.revertedWithCustomError(world.registry, "WrongStart")
        .withArgs(11n, 1n);
    });

    it("reverts if the batch is empty", async () => {
      await expect(send(batchAfter(10n, 0n)))
        .to.be.revertedWithCustomError(world.registry, "EndBeforeStart")
        .withArgs(11n, 10n);
    });

    it("reverts if the count is not the range's length", async () => {
      for (const count of [0n, 4n, 6n, 2n ** 32n - 1n]) {
        await expect(send(batchAfter(10n, 5n, { count })))
          .to.be.revertedWithCustomError(world.registry, "WrongCount")
          .withArgs(5n, count);
      }
    });

    it("reverts if the batch is oversized", async () => {
      await expect(send(batchAfter(10n, 2n ** 18n + 1n)))
        .to.be.revertedWithCustomError(world.registry, "BatchTooLarge")
        .withArgs(2n ** 18n, 2n ** 18n + 1n);
      // A length whose low 32 bits look harmless.
      await expect(send(batchAfter(10n, 2n ** 32n + 5n, { count: 5n })))
        .to.be.revertedWithCustomError(world.registry, "BatchTooLarge")
        .withArgs(2n ** 18n, 2n ** 32n + 5n);
    });

    it("reverts if the end is 2^64 - 1", async () => {
      await forceEnd(MAX_U64 - 3n);
      await expect(send(batchAfter(MAX_U64 - 3n, 3n)))
        .to.be.revertedWithCustomError(world.registry, "WrongEnd")
        .withArgs(MAX_U64 - 1n, MAX_U64);
    });

    it("reverts if the facts root is not below the field order", async () => {
      for (const factsRoot of [P, P + 1n, 2n ** 256n - 1n]) {
        await expect(send(batchAfter(10n, 5n, { factsRoot: word(factsRoot) })))
          .to.be.revertedWithCustomError(world.registry, "FactsRootNotInField")
          .withArgs(word(factsRoot));
      }
      await send(batchAfter(10n, 5n, { factsRoot: word(P - 1n) }));
    });

    it("takes a batch of exactly 2^18 events", async () => {
      await send(batchAfter(10n, 2n ** 18n));
      expect((await world.registry.head(STREAM)).end).to.equal(10n + 2n ** 18n);
    });

    it("takes a batch that ends at 2^64 - 2, after which the stream is full", async () => {
      await forceEnd(MAX_U64 - 3n);
      await send(batchAfter(MAX_U64 - 3n, 2n));
      const { end, stateRoot } = await world.registry.head(STREAM);
      expect(end).to.equal(MAX_U64 - 1n);
      await expect(send(batchAfter(end, 1n), stateRoot)).to.be.revertedWithCustomError(
        world.registry,
        "WrongEnd",
      );
    });

    it("chains the state root of docs/formats.md over several batches", async () => {
      const { registry, actors, first } = world;
      expect(first.stateRoot).to.equal(stateRootOf(STREAM, ZeroHash, batchAfter(0n, 10n)));
      const second = batchAfter(10n, 1n);
      const third = batchAfter(11n, 70_000n);
      await send(second);
      const afterSecond = stateRootOf(STREAM, first.stateRoot, second);
      expect((await registry.head(STREAM)).stateRoot).to.equal(afterSecond);
      await send(third, afterSecond);
      const { batchIndex, end, stateRoot, anchorer } = await registry.head(STREAM);
      expect(stateRoot).to.equal(stateRootOf(STREAM, afterSecond, third));
      expect([batchIndex, end, anchorer]).to.deep.equal([3n, 70_011n, actors.anchorer.address]);
    });

    it("emits all that a reader needs to rebuild the chain", async () => {
      const { chain, registry, first } = world;
      const batch = batchAfter(10n, 5n);
      const at = (await chain.time.latest()) + 100;
      await chain.time.setNextBlockTimestamp(at);
      await expect(send(batch))
        .to.emit(registry, "BatchAnchored")
        .withArgs(
          STREAM,
          2n,
          batch.startSequence,
          batch.endSequence,
          batch.batchRoot,
          batch.factsRoot,
          batch.logRoot,
          stateRootOf(STREAM, first.stateRoot, batch),
          at + 60,
        );
    });

    it("takes a batch without facts", async () => {
      await send(batchAfter(10n, 5n, { factsRoot: ZeroHash }));
      expect((await world.registry.head(STREAM)).batchIndex).to.equal(2n);
    });
  });
});
