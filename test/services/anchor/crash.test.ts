import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { toHex } from "../../../src/core/bytes.ts";
import { AnchorStore } from "../../../src/sequencer/anchor/index.ts";
import { type ProofxService, startProofx } from "../../support/proofx.ts";
import { LyingNode } from "../relayer/lying-node.ts";
import { ALL_ANCHORED, type AnchorWorld, makeAnchorWorld, type TestAnchoring } from "./world.ts";

describe("Anchoring as processes on one PostgreSQL", function () {
  this.timeout(120_000);
  let world: AnchorWorld;
  let node: LyingNode;
  const children: ProofxService[] = [];
  const here: TestAnchoring[] = [];
  before(async () => {
    world = await makeAnchorWorld("postgres");
  });
  beforeEach(async () => {
    node = await LyingNode.start(world.node);
  });
  afterEach(async () => {
    for (const child of children.splice(0)) if (child.process.exitCode === null) await child.end("SIGKILL");
    for (const one of here.splice(0)) await one.stop();
    await node.close();
    await world.automine(true);
  });
  after(() => world?.close());

  /** Starts it as `npx proofx anchor` does, in a process that can be killed. */
  async function spawn(): Promise<ProofxService> {
    const file = join(world.folder, "anchor.toml");
    const lines = {
      deployment: world.deploymentFile,
      rpc_urls: [node.url],
      key: "anchorer",
      batch_size: 2,
      max_fee_per_gas: "100",
      min_balance: "0.1",
      confirmations: 1,
      rpc_timeout: 1,
      poll: 1,
    };
    const toml = Object.entries(lines).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
    writeFileSync(file, `[log]\n[store]\n[anchor]\n${toml.join("\n")}\n[anchor.http]\nport = 0\n`);
    const environment = { ...world.environment, DATABASE_URL: world.db.url ?? "" };
    const child = await startProofx(["anchor", "--config", file], environment);
    children.push(child);
    return child;
  }

  const view = async (child: ProofxService, log: { streamId: Uint8Array }) => {
    const answer = await fetch(`${child.url}/v1/batches?stream=${toHex(log.streamId)}`);
    return ((await answer.json()) as { batches: { status: string; transactions: string[] }[] }).batches;
  };
  async function until(look: () => Promise<boolean>, what: string): Promise<void> {
    for (let i = 0; !(await look()); i++) {
      if (i > 400) throw new Error(`never: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  const anchored = (child: ProofxService, log: { streamId: Uint8Array }) =>
    until(async () => ALL_ANCHORED((await view(child, log)).map(({ status }) => status)), "anchored");

  it("killed between keeping a transaction and sending it, the next start sends that very one", async () => {
    const log = await world.stream(1);
    const before = await world.transactions();
    node.lie("eth_sendRawTransaction", () => new Promise(() => undefined));
    const child = await spawn();
    await until(
      async () => ((await view(child, log))[0]?.transactions.length ?? 0) > 0,
      "a transaction is kept",
    );
    const [kept] = await view(child, log);
    await child.end("SIGKILL");
    expect((await world.head(log)).batchIndex).to.equal(0n);
    node.honest();
    const again = await spawn();
    await anchored(again, log);
    expect((await view(again, log))[0]?.transactions).to.deep.equal(kept?.transactions);
    expect(await world.transactions()).to.equal(before + 1);
    expect(await again.end("SIGTERM")).to.equal(0);
  });

  it("killed after sending and before a block, it does not send another", async () => {
    const log = await world.stream(1);
    const before = await world.transactions();
    await world.automine(false);
    const child = await spawn();
    const pending = async () =>
      Number(await world.node("eth_getTransactionCount", [world.anchorer, "pending"]));
    await until(async () => (await pending()) === before + 1, "sent");
    await child.end("SIGKILL");
    const again = await spawn();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await pending()).to.equal(before + 1);
    await world.automine(true);
    await anchored(again, log);
    expect(await world.transactions()).to.equal(before + 1);
    expect(await world.anchoredEvents(log)).to.equal(1);
  });

  it("two at once anchor every batch of several streams once, and burn nothing", async () => {
    const logs = [await world.stream(3), await world.stream(3)];
    const before = await world.transactions();
    const both = await Promise.all([world.start(), world.start()]);
    here.push(...both);
    for (const log of logs) await both[0].until(log, ALL_ANCHORED);
    for (const log of logs) expect(await world.anchoredEvents(log)).to.equal(3);
    expect(await world.transactions()).to.equal(before + 6);
  });

  it("keeps no second transaction that was decided on before the first was kept", async () => {
    const log = await world.stream(1);
    const { chainId } = world.system;
    const store = new AnchorStore(
      world.db.store.as("anchor"),
      chainId,
      `0x${"11".repeat(20)}`,
      world.anchorer,
    );
    const attempt = (n: number) => ({
      tenant: log.tenant,
      store: log.store,
      batchIndex: 1n,
      nonce: 1_000n,
      hash: `0x${n.toString(16).padStart(64, "0")}`,
      raw: "0x02",
      maxFeePerGas: "1",
      maxPriorityFeePerGas: "1",
      signedAt: BigInt(n),
    });
    const kept = await Promise.all([store.keep(attempt(1), 0), store.keep(attempt(2), 0)]);
    expect(kept.sort()).to.deep.equal([false, true]);
    expect(await store.attemptsAt(1_000)).to.have.length(1);
    expect(await store.keep(attempt(3), 1)).to.equal(true);
  });
});
