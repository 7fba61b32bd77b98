import { expect } from "chai";
import { Transaction } from "ethers";
import { makeRelayer, makeWorld, type TestRelayer, type World } from "./world.ts";

describe("The chain's history changes under the relayer", function () {
  this.timeout(60_000);
  let world: World;
  let relayer: TestRelayer | undefined;
  before(async () => {
    world = await makeWorld();
  });
  afterEach(async () => {
    await relayer?.close();
    relayer = undefined;
    await world.automine(true);
  });
  after(() => world?.close());

  async function start(settings: Parameters<typeof makeRelayer>[1]): Promise<TestRelayer> {
    relayer = await makeRelayer(world, settings);
    return relayer;
  }

  it("a reorganisation takes the transaction back: the same nonce lands again, and once", async () => {
    const one = await start({ settings: { confirmations: 3 } });
    const file = await world.prove(one.sender);
    const snapshot = await world.node("evm_snapshot", []);
    const id = await one.submit(file);
    const before = await one.until(id, ({ state }) => state === "mined");
    await world.automine(false);
    await world.node("evm_revert", [snapshot]);
    const cut = await one.until(id, ({ state }) => state === "sent");
    expect(cut.landed).to.equal(undefined);
    await world.automine(true);
    await one.until(id, ({ state }) => state === "mined");
    await world.mine(3);
    const view = await one.ended(id);
    expect(view.state).to.equal("final");
    expect(view.landed?.transactionHash).to.equal(before.landed?.transactionHash);
    expect(view.transactions).to.deep.equal(before.transactions);
    expect(await one.metric("reorganisations_total")).to.equal(1);
    expect(await world.events(file)).to.equal(1);
  });

  it("one deeper than the confirmations: what was final is taken up again before anything new", async () => {
    const one = await start({});
    const [first, second] = [await world.prove(one.sender), await world.prove(one.sender)];
    const snapshot = await world.node("evm_snapshot", []);
    const early = await one.submit(first);
    expect((await one.ended(early)).state).to.equal("final");
    await world.node("evm_revert", [snapshot]);
    await world.mine(2);
    expect(await world.events(first)).to.equal(0);
    const late = await one.submit(second);
    expect((await one.ended(late)).state).to.equal("final");
    expect((await one.ended(early)).state).to.equal("final");
    for (const file of [first, second]) expect(await world.events(file)).to.equal(1);
  });

  it("another program takes the account nonce: the submission is signed anew for the next one, and lands once", async () => {
    const one = await start({ settings: { confirmations: 2 } });
    const [node] = one.nodes;
    let kept = "";
    node?.lie("eth_sendRawTransaction", ([raw]) => {
      kept = raw as string;
      return Transaction.from(kept).hash;
    });
    node?.lie("eth_getTransactionByHash", ([hash]) => ({ hash }));
    const file = await world.prove(one.sender);
    const id = await one.submit(file);
    const { transactions } = await one.until(id, ({ state }) => state === "sent");
    await spendNonce(world, one.settings.sender, transactions[0]?.nonce ?? -1);
    await world.mine(1);
    node?.honest();
    await one.until(id, (view) => view.transactions[0]?.nonce === (transactions[0]?.nonce ?? 0) + 1);
    expect(await one.metric("nonces_taken_total")).to.equal(1);
    // The first one can do no harm any more.
    const late = await world.node("eth_sendRawTransaction", [kept]).catch((error: unknown) => String(error));
    expect(late).to.match(/nonce too low/i);
    await one.until(id, ({ state }) => state === "mined");
    await world.mine(2);
    expect((await one.ended(id)).state).to.equal("final");
    expect(await world.events(file)).to.equal(1);
  });

  it("several under way have nonces in a row, and land in the order they were accepted", async () => {
    const one = await start({ settings: { in_flight: 2 } });
    await world.automine(false);
    const files = [];
    for (let i = 0; i < 3; i++) files.push(await world.prove(one.sender));
    const ids = [];
    for (const file of files) ids.push(await one.submit(file));
    await one.until(ids[1] ?? "", ({ state }) => state === "sent");
    expect(await one.metric("in_flight")).to.equal(2);
    await world.automine(true);
    const views = [];
    for (const id of ids) views.push(await one.ended(id));
    expect(views.map(({ state }) => state)).to.deep.equal(["final", "final", "final"]);
    expect(views.map(({ transactions }) => transactions[0]?.nonce)).to.deep.equal([0, 1, 2]);
  });

  describe("the signer is switched", () => {
    const distrust = async (signer: string) => {
      const { verifier, actors } = world.system;
      const since = BigInt(await world.chain.time.latest());
      await verifier.connect(actors.admin).distrustSigner(signer, since);
    };

    it("what is queued waits for a signer that may vouch, and is signed by the new one", async () => {
      const one = await start({});
      const { signer } = (await one.get("/v1/relayer")) as { signer: string };
      await distrust(signer);
      const file = await world.prove(one.sender);
      const id = await one.submit(file);
      await one.until(id, ({ waiting }) => waiting?.cause === "signer-not-authorised");
      await one.stop();
      const fresh = await world.newKey("fresh-signer", { signs: true });
      await one.start({ signer: "fresh-signer" });
      const view = await one.ended(id);
      expect([view.state, view.signer]).to.deep.equal(["final", fresh]);
    });

    it("what is under way is signed anew for the same account nonce, and lands once", async () => {
      const one = await start({});
      await world.automine(false);
      const file = await world.prove(one.sender);
      const id = await one.submit(file);
      const { transactions } = await one.until(id, ({ state }) => state === "sent");
      await one.stop();
      const newest = await world.newKey("newest-signer", { signs: true });
      await world.mine(0);
      await world.node("hardhat_dropTransaction", [transactions[0]?.hash]);
      await world.automine(true);
      await one.start({ signer: "newest-signer" });
      const view = await one.ended(id);
      expect([view.state, view.signer]).to.deep.equal(["final", newest]);
      expect(view.transactions.map(({ nonce }) => nonce)).to.deep.equal([0, 0]);
      expect(await world.events(file)).to.equal(1);
    });

    it("what landed meanwhile is found, and not signed again", async () => {
      const one = await start({});
      await world.automine(false);
      const file = await world.prove(one.sender);
      const id = await one.submit(file);
      await one.until(id, ({ state }) => state === "sent");
      await one.stop();
      await world.automine(true);
      await world.newKey("late-signer", { signs: true });
      await one.start({ signer: "late-signer" });
      const view = await one.ended(id);
      expect([view.state, view.transactions.length]).to.deep.equal(["final", 1]);
      expect(await world.events(file)).to.equal(1);
    });

    it("what is under way and reverts because its signer was revoked goes back and waits for another", async () => {
      const one = await start({});
      await world.automine(false);
      const file = await world.prove(one.sender);
      const id = await one.submit(file);
      await one.until(id, ({ state }) => state === "sent");
      const { verifier, actors } = world.system;
      const { signer } = (await one.get("/v1/relayer")) as { signer: string };
      const dear = { maxPriorityFeePerGas: 50n * 10n ** 9n, maxFeePerGas: 90n * 10n ** 9n };
      await verifier.connect(actors.admin).revokeRole(await verifier.SIGNER_ROLE(), signer, dear);
      await world.automine(true);
      await one.until(
        id,
        (view) => view.state === "accepted" && view.waiting?.cause === "signer-not-authorised",
      );
      await world.newKey("another-signer", { signs: true });
      await one.stop();
      await one.start({ signer: "another-signer" });
      expect((await one.ended(id)).state).to.equal("final");
      expect(await world.events(file)).to.equal(1);
    });
  });
});

/** Uses the sender's key behind the relayer's back. */
async function spendNonce(world: World, key: string, nonce: number): Promise<void> {
  const { chainId, actors } = { ...world.system, actors: world.system.actors };
  const transaction = Transaction.from({
    type: 2,
    chainId,
    nonce,
    to: actors.stranger.address,
    value: 1n,
    gasLimit: 21_000n,
    maxFeePerGas: 20n * 10n ** 9n,
    maxPriorityFeePerGas: 10n ** 9n,
  });
  transaction.signature = await world.keys.signDigest(
    key,
    Buffer.from(transaction.unsignedHash.slice(2), "hex"),
  );
  await world.node("eth_sendRawTransaction", [transaction.serialized]);
}
