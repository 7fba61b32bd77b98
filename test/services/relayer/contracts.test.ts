import { expect } from "chai";
import { anchorNext } from "../../support/contracts/registry.ts";
import { makeRelayer, makeWorld, type TestRelayer, type World } from "./world.ts";

describe("What the contracts refuse costs the relayer nothing", function () {
  this.timeout(60_000);
  let world: World;
  let relayer: TestRelayer;
  before(async () => {
    world = await makeWorld();
    relayer = await makeRelayer(world);
  });
  afterEach(() => world.automine(true));
  after(async () => {
    await relayer?.close();
    await world?.close();
  });

  const sent = () => world.chain.ethers.provider.getTransactionCount(relayer.sender);

  it("a proof that does not hold, or was made for something else, is refused without a transaction", async () => {
    const file = await world.prove(relayer.sender);
    const before = await sent();
    const { proof, claim } = file;
    const faults: [object, string][] = [
      [{ ...file, proof: { ...proof, a: ["1", "2"] } }, "proof-refused"],
      [{ ...file, proof: { ...proof, a: ["1", "1"] } }, "proof-refused"],
      [{ ...file, claim: { ...claim, agentId: `0x${"ab".repeat(16)}` } }, "proof-refused"],
      [{ ...file, claim: { ...claim, policyId: "9" } }, "PolicyNotActive"],
      [{ ...file, claim: { ...claim, circuitVersion: "2" } }, "CircuitVersionNotActive"],
      [{ ...file, claim: { ...claim, batchIndex: "7" } }, "BatchUnknown"],
    ];
    for (const [body, cause] of faults) {
      const view = await relayer.ended(await relayer.submit(body as typeof file));
      expect([view.state, view.failure?.cause], cause).to.deep.equal(["failed", cause]);
      expect(view.transactions).to.deep.equal([]);
    }
    expect(await sent()).to.equal(before);
  });

  it("a second proof of the same agent, policy and batch waits behind the first, and is then refused", async () => {
    const file = await world.prove(relayer.sender);
    await world.automine(false);
    const first = await relayer.submit(file);
    await relayer.until(first, ({ state }) => state === "sent");
    const second = await relayer.submit(file);
    await relayer.until(second, ({ waiting }) => waiting?.cause === "behind-another");
    await world.automine(true);
    expect((await relayer.ended(first)).state).to.equal("final");
    const view = await relayer.ended(second);
    expect([view.failure?.cause, view.transactions.length]).to.deep.equal(["NotNewer", 0]);
    expect(await world.events(file)).to.equal(1);
  });

  it("waits while attesting is paused, and goes on when it is not", async () => {
    const { verifier, actors } = world.system;
    await verifier.connect(actors.admin).pause();
    const file = await world.prove(relayer.sender);
    const id = await relayer.submit(file);
    await relayer.until(id, ({ waiting }) => waiting?.cause === "paused");
    expect((await fetch(`${relayer.url}/ready`)).status).to.equal(503);
    expect(await relayer.metric('waiting{cause="paused"')).to.equal(1);
    await verifier.connect(actors.admin).unpause();
    expect((await relayer.ended(id)).state).to.equal("final");
    expect((await fetch(`${relayer.url}/ready`)).status).to.equal(200);
  });

  it("a pause that lands first makes the transaction revert; the submission waits and lands after it", async () => {
    const { verifier, actors } = world.system;
    await world.automine(false);
    const file = await world.prove(relayer.sender);
    const id = await relayer.submit(file);
    await relayer.until(id, ({ state }) => state === "sent");
    await verifier
      .connect(actors.admin)
      .pause({ maxPriorityFeePerGas: 50n * 10n ** 9n, maxFeePerGas: 90n * 10n ** 9n });
    await world.automine(true);
    await relayer.until(id, ({ state, waiting }) => state === "accepted" && waiting?.cause === "paused");
    await verifier.connect(actors.admin).unpause();
    const view = await relayer.ended(id);
    expect(view.state).to.equal("final");
    expect(await world.events(file)).to.equal(1);
  });

  it("waits until the batch is mature", async () => {
    const { registry, actors } = world.system;
    const stream = `0x${"5a".repeat(32)}`;
    await registry.connect(actors.admin).openStream(stream, actors.anchorer.address, 3600);
    const { ref } = await anchorNext(registry, actors, { streamId: stream });
    const file = await world.prove(relayer.sender, { ref, streamId: stream });
    const id = await relayer.submit(file);
    await relayer.until(id, ({ waiting }) => waiting?.cause === "batch-not-mature");
    await world.chain.time.increase(3601);
    expect((await relayer.ended(id)).state).to.equal("final");
  });

  it("fails a proof whose deadline passes while it waits", async () => {
    const { verifier, actors } = world.system;
    await verifier.connect(actors.admin).pause();
    const id = await relayer.submit(await world.prove(relayer.sender));
    await relayer.until(id, ({ waiting }) => waiting?.cause === "paused");
    await world.chain.time.increase(100_000);
    await verifier.connect(actors.admin).unpause();
    expect((await relayer.ended(id)).failure?.cause).to.equal("DeadlinePassed");
  });
});
