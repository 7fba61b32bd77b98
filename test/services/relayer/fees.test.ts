import { expect } from "chai";
import { parseEther, parseUnits } from "ethers";
import { refusal } from "./lying-node.ts";
import { makeRelayer, makeWorld, type TestRelayer, type World } from "./world.ts";

const GWEI = 10n ** 9n;
const hex = (value: bigint): string => `0x${value.toString(16)}`;
/** A fee history in which the next block asks for this base fee. */
const history = (baseFee: bigint, tip = GWEI) => ({
  oldestBlock: "0x1",
  baseFeePerGas: [hex(baseFee), hex(baseFee)],
  gasUsedRatio: [0.5],
  reward: [[hex(tip)]],
});

describe("The relayer minds fees and money", function () {
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

  const sends = ({ nodes }: TestRelayer) =>
    nodes[0]?.asked.filter(({ method }) => method === "eth_sendRawTransaction").length ?? 0;

  it("a fee spike above the cap: nothing is sent, the state and a metric say why, and it ends by itself", async () => {
    relayer = await makeRelayer(world);
    relayer.nodes[0]?.lie("eth_feeHistory", () => history(100n * GWEI));
    const id = await relayer.submit(await world.prove(relayer.sender));
    const { waiting } = await relayer.until(id, (view) => view.waiting?.cause === "fee-cap");
    expect(waiting?.detail).to.contain("101.0").and.contain("100.0 gwei");
    expect(await relayer.metric('waits_total{cause="fee-cap"')).to.equal(1);
    expect(sends(relayer)).to.equal(0);
    relayer.nodes[0]?.honest();
    expect((await relayer.ended(id)).state).to.equal("final");
  });

  it("a transaction that waits too long is replaced: same nonce, an eighth more each time, never above the cap", async () => {
    relayer = await makeRelayer(world, {
      settings: { resubmit_after: 0.05, max_fee_per_gas: parseUnits("4.5", "gwei") },
    });
    await world.automine(false);
    relayer.nodes[0]?.lie("eth_feeHistory", () => history(GWEI));
    const file = await world.prove(relayer.sender);
    const id = await relayer.submit(file);
    const { transactions } = await relayer.until(id, (view) => view.waiting?.cause === "fee-cap");
    expect(new Set(transactions.map(({ nonce }) => nonce)).size).to.equal(1);
    const fees = transactions.map(({ maxFeePerGas }) => BigInt(maxFeePerGas));
    const tips = transactions.map((each) => BigInt(each.maxPriorityFeePerGas));
    expect(fees.length).to.be.greaterThan(2);
    for (let i = 1; i < fees.length; i++) {
      for (const [now, before] of [
        [fees[i], fees[i - 1]],
        [tips[i], tips[i - 1]],
      ] as const)
        expect((now ?? 0n) * 1000n >= (before ?? 0n) * 1125n, `${before} to ${now}`).to.equal(true);
      expect((fees[i] ?? 0n) <= parseUnits("4.5", "gwei")).to.equal(true);
    }
    expect(await relayer.metric("replacements_total")).to.equal(fees.length - 1);
    await world.automine(true);
    expect((await relayer.ended(id)).state).to.equal("final");
    expect(await world.events(file)).to.equal(1);
  });

  it("what nodes say to a transaction is understood: known, underpriced, nonce used, no funds", async () => {
    relayer = await makeRelayer(world);
    const [node] = relayer.nodes;
    const cases: [string, boolean][] = [
      ["already known", true],
      ["replacement transaction underpriced", false],
      ["nonce too low: next nonce 5, tx nonce 4", true],
      ["insufficient funds for gas * price + value", false],
      ["the node is in a bad mood", false],
    ];
    for (const [message, taken] of cases) {
      let told = false;
      node?.lie("eth_sendRawTransaction", async (_params, real) => {
        if (told) return real();
        told = true;
        if (taken) await real();
        throw refusal(message);
      });
      const file = await world.prove(relayer.sender);
      const view = await relayer.ended(await relayer.submit(file));
      expect(view.state, message).to.equal("final");
      expect(view.transactions.length, message).to.equal(message.includes("underpriced") ? 2 : 1);
      expect(await world.events(file)).to.equal(1);
    }
  });

  it("spends no more than the limit in the window, across a restart, and goes on when the window has moved", async () => {
    const worst = 800_000n * 3n * GWEI;
    const settings = { spending_limit: (worst * 11n) / 10n };
    relayer = await makeRelayer(world, { settings });
    relayer.nodes[0]?.lie("eth_feeHistory", () => history(GWEI));
    const first = await relayer.ended(await relayer.submit(await world.prove(relayer.sender)));
    const paid = BigInt(first.landed?.cost ?? 0);
    const second = await relayer.submit(await world.prove(relayer.sender));
    await relayer.until(second, ({ waiting }) => waiting?.cause === "spending-limit");
    const sent = sends(relayer);

    await relayer.stop();
    await relayer.start();
    const { waiting } = await relayer.until(second, (view) => view.waiting?.cause === "spending-limit");
    expect(waiting?.detail).to.contain("ether spent");
    const spent = (await relayer.metric("spent_ether")) ?? 0;
    expect(parseEther(spent.toFixed(18)) / 10n ** 9n).to.equal(paid / 10n ** 9n);
    expect(sends(relayer)).to.equal(sent);
    const ready = await fetch(`${relayer.url}/ready`);
    expect([ready.status, await ready.text()].join(" ")).to.match(/^503 .*used up/);
    const refused = await relayer.post(await world.prove(relayer.sender), "more");
    expect([refused.status, refused.headers.get("retry-after")]).to.deep.equal([503, "60"]);

    await relayer.stop();
    await relayer.start({ spending_window: 0.001 });
    expect((await relayer.ended(second)).state).to.equal("final");
  });

  it("counts what is under way at its worst", async () => {
    const worst = 800_000n * 3n * GWEI;
    relayer = await makeRelayer(world, { settings: { spending_limit: (worst * 19n) / 10n } });
    relayer.nodes[0]?.lie("eth_feeHistory", () => history(GWEI));
    await world.automine(false);
    const first = await relayer.submit(await world.prove(relayer.sender));
    await relayer.until(first, ({ state }) => state === "sent");
    const second = await relayer.submit(await world.prove(relayer.sender));
    await relayer.until(second, ({ waiting }) => waiting?.cause === "spending-limit");
    await world.automine(true);
    // What the first did not need of its worst case is there for the second.
    for (const id of [first, second]) expect((await relayer.ended(id)).state).to.equal("final");
  });

  it("a low balance makes it not ready; one that cannot pay makes it wait until there is more", async () => {
    relayer = await makeRelayer(world, { ether: "0.05" });
    const { sender } = relayer;
    expect((await relayer.ended(await relayer.submit(await world.prove(sender)))).state).to.equal("final");
    const ready = await fetch(`${relayer.url}/ready`);
    expect([ready.status, await ready.text()].join(" ")).to.match(/^503 .*below min_balance, 0.1/);
    expect(await relayer.metric("balance_ether")).to.be.within(0.04, 0.05);
    await world.node("hardhat_setBalance", [sender, "0x1000"]);
    const id = await relayer.submit(await world.prove(sender));
    await relayer.until(id, ({ waiting }) => waiting?.cause === "low-balance");
    await world.node("hardhat_setBalance", [sender, hex(parseEther("1"))]);
    expect((await relayer.ended(id)).state).to.equal("final");
    expect((await fetch(`${relayer.url}/ready`)).status).to.equal(200);
  });
});
