import { expect } from "chai";
import { Transaction, toBeHex } from "ethers";
import { InputError } from "../../../src/core/errors.ts";
import type { Lie, LyingNode } from "./lying-node.ts";
import { makeRelayer, makeWorld, type RelayerOptions, type TestRelayer, type World } from "./world.ts";

describe("A node that lies, stalls or serves another chain", function () {
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

  async function start(options: RelayerOptions = {}): Promise<TestRelayer> {
    relayer = await makeRelayer(world, options);
    return relayer;
  }

  /** Says that it took a transaction, drops it, and later shows a receipt for it: made up, or another one's. */
  function pretendToMine(node: LyingNode | undefined, template: object): void {
    node?.lie("eth_sendRawTransaction", ([raw]) => Transaction.from(raw as string).hash);
    node?.lie("eth_getTransactionByHash", ([hash]) => ({ hash }));
    node?.lie("eth_getTransactionReceipt", ([hash]) => ({ ...template, transactionHash: hash }));
  }

  /** The receipt of an honest attestation, to be shown for another transaction. */
  async function realReceipt(by: TestRelayer): Promise<{ blockNumber: string; logs: object[] }> {
    const { landed } = await by.ended(await by.submit(await world.prove(by.sender)));
    const receipt = await world.node("eth_getTransactionReceipt", [landed?.transactionHash]);
    return receipt as { blockNumber: string; logs: object[] };
  }

  it("a receipt that no block bears out is not believed, even with one node alone", async () => {
    const only = await start();
    const template = await realReceipt(only);
    pretendToMine(only.nodes[0], template);
    const file = await world.prove(only.sender);
    const id = await only.submit(file);
    await only.until(id, ({ waiting }) => waiting?.cause === "rpc");
    expect(await only.metric("contradictions_total")).to.be.greaterThan(0);
    expect(await world.events(file)).to.equal(0);
    only.nodes[0]?.honest();
    expect((await only.ended(id)).state).to.equal("final");
    expect(await world.events(file)).to.equal(1);
  });

  it("nor is a made-up failure: what was not mined did not revert", async () => {
    const only = await start();
    const template = await realReceipt(only);
    pretendToMine(only.nodes[0], { ...template, status: "0x0", logs: [] });
    const file = await world.prove(only.sender);
    const id = await only.submit(file);
    await only.until(id, ({ state, waiting }) => waiting?.cause === "rpc" || state === "failed");
    only.nodes[0]?.honest();
    const view = await only.ended(id);
    expect([view.state, view.transactions.length]).to.deep.equal(["final", 1]);
    expect(await world.events(file)).to.equal(1);
  });

  it("nor is one that goes with a block made up to match: the verifier has no such attestation", async () => {
    const only = await start();
    const template = await realReceipt(only);
    const file = await world.prove(only.sender);
    const subject = await world.system.verifier.subjectOf(file.claim.streamId, file.claim.agentId);
    const { signer } = (await only.get("/v1/relayer")) as { signer: string };
    let hash = "";
    const [log] = template.logs as { topics: string[] }[];
    const [topic, , , policy] = log?.topics ?? [];
    const topics = [topic, toBeHex(signer, 32), toBeHex(subject, 32), policy];
    pretendToMine(only.nodes[0], { ...template, logs: [{ ...log, topics }] });
    only.nodes[0]?.lie("eth_sendRawTransaction", ([raw]) => {
      hash = Transaction.from(raw as string).hash ?? "";
      return hash;
    });
    only.nodes[0]?.lie("eth_getBlockByNumber", async ([at], real) => {
      const block = (await real()) as { transactions: string[] };
      return at === template.blockNumber && hash !== "" ? { ...block, transactions: [hash] } : block;
    });
    const id = await only.submit(file);
    await only.until(id, ({ waiting }) => waiting?.cause === "rpc" && hash !== "");
    expect(await only.metric("contradictions_total")).to.be.greaterThan(0);
    only.nodes[0]?.honest();
    expect((await only.ended(id)).state).to.equal("final");
    expect(await world.events(file)).to.equal(1);
  });

  it("one liar of three changes nothing: dropped transactions, made-up receipts, an old head, mad fees", async () => {
    const three = await start({ nodes: 3 });
    const template = await realReceipt(three);
    pretendToMine(three.nodes[1], template);
    three.nodes[1]?.lie("eth_blockNumber", () => "0x1");
    three.nodes[1]?.lie("eth_getTransactionCount", () => "0x77");
    three.nodes[1]?.lie("eth_feeHistory", () => ({ baseFeePerGas: ["0xffffffffffff"], reward: [["0x1"]] }));
    three.nodes[1]?.lie("eth_getBalance", () => "0x0");
    three.nodes[1]?.lie("eth_call", () => "0x");
    // The liar is the first to answer.
    const late: Lie = async (_params, real) => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      return real();
    };
    for (const method of ["eth_getTransactionCount", "eth_getTransactionReceipt"])
      for (const honest of [0, 2]) three.nodes[honest]?.lie(method, late);
    const file = await world.prove(three.sender);
    const view = await three.ended(await three.submit(file));
    expect(view.state).to.equal("final");
    expect(await world.events(file)).to.equal(1);
    expect(await three.metric('head_lag_blocks{endpoint="1"')).to.be.greaterThan(0);
  });

  it("one of three that stalls, talks nonsense or is gone changes nothing", async () => {
    const three = await start({ nodes: 3, settings: { rpc_timeout: 0.2 } });
    three.nodes[0]?.stall("*");
    expect((await three.ended(await three.submit(await world.prove(three.sender)))).state).to.equal("final");
    expect(await three.metric('rpc_errors_total{endpoint="0",kind="timeout"')).to.be.greaterThan(0);
    three.nodes[0]?.lie("*", () => ({ something: "else" }));
    expect((await three.ended(await three.submit(await world.prove(three.sender)))).state).to.equal("final");
    await three.nodes[0]?.close();
    expect((await three.ended(await three.submit(await world.prove(three.sender)))).state).to.equal("final");
    expect((await fetch(`${three.url}/ready`)).status).to.equal(200);
  });

  it("with two nodes both must agree: while one shows an old head nothing is final", async () => {
    const two = await start({ nodes: 2, settings: { confirmations: 2 } });
    const old = await world.node("eth_blockNumber", []);
    two.nodes[1]?.lie("eth_blockNumber", () => old);
    const id = await two.submit(await world.prove(two.sender));
    await two.until(id, ({ state }) => state === "mined");
    await world.mine(5);
    const seen = two.nodes[0]?.asked.length ?? 0;
    await until(() => (two.nodes[0]?.asked.length ?? 0) > seen + 30);
    expect(((await two.get(`/v1/submissions/${id}`)) as { state: string }).state).to.equal("mined");
    two.nodes[1]?.honest();
    expect((await two.ended(id)).state).to.equal("final");
  });

  it("while too few answer it is not ready, sends nothing, and says which; URLs stay out of it", async () => {
    const two = await start({ nodes: 2 });
    await two.nodes[1]?.close();
    const id = await two.submit(await world.prove(two.sender));
    const { waiting } = await two.until(id, (view) => view.waiting?.cause === "rpc");
    const ready = await fetch(`${two.url}/ready`);
    const text = await ready.text();
    expect([ready.status, text].join(" ")).to.match(
      /^503 .*fewer than 2 RPC endpoints answer .*endpoint 1: transport/,
    );
    const metrics = await (await fetch(`${two.url}/metrics`)).text();
    for (const { url } of two.nodes) {
      for (const shown of [text, metrics, JSON.stringify(waiting)])
        expect(shown).not.to.include(new URL(url).host);
    }
    expect(two.nodes[0]?.asked.some(({ method }) => method === "eth_sendRawTransaction")).to.equal(false);
  });

  it("is not started on a node of another chain, by id or by genesis", async () => {
    const wrong: [string, (params: readonly unknown[]) => unknown][] = [
      ["eth_chainId", () => "0x1"],
      ["eth_getBlockByNumber", () => ({ hash: `0x${"11".repeat(32)}` })],
    ];
    for (const [method, answer] of wrong) {
      const stopped = await makeRelayer(world, { nodes: 2, stopped: true });
      try {
        stopped.nodes[1]?.lie(method, answer);
        const refused = await stopped.start().catch((error: unknown) => error);
        expect(refused).to.be.instanceOf(InputError);
        expect(String(refused)).to.contain("RPC endpoint 1 serves another chain");
      } finally {
        await stopped.close();
      }
    }
  });

  it("a node that comes back as another chain gets nothing to sign for and nothing to send", async () => {
    const only = await start();
    let gone = true;
    only.nodes[0]?.lie("*", () => (gone ? {} : undefined));
    const id = await only.submit(await world.prove(only.sender));
    await only.until(id, ({ waiting }) => waiting?.cause === "rpc");
    only.nodes[0]?.honest();
    only.nodes[0]?.lie("eth_chainId", () => "0x1");
    gone = false;
    const before = only.nodes[0]?.asked.length ?? 0;
    await until(
      async () => ((await only.metric('rpc_errors_total{endpoint="0",kind="wrong-chain"')) ?? 0) > 1,
    );
    const asked = new Set(only.nodes[0]?.asked.slice(before).map(({ method }) => method));
    expect([...asked].sort()).to.deep.equal(["eth_chainId", "eth_getBlockByNumber"]);
    only.nodes[0]?.honest();
    expect((await only.ended(id)).state).to.equal("final");
  });
});

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}
