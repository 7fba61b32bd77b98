import { expect } from "chai";
import { ZeroAddress, ZeroHash } from "ethers";
import { readDeploymentFile } from "../../../src/chain/deployment.ts";
import { toHex } from "../../../src/core/bytes.ts";
import { InputError } from "../../../src/core/errors.ts";
import { contentRoot } from "../../../src/core/log/index.ts";
import { chainSource, databaseSource, verifyLog } from "../../../src/sequencer/verify/index.ts";
import type { WrittenLog } from "../../sequencer/written-log.ts";
import { LyingNode } from "../relayer/lying-node.ts";
import {
  ALL_ANCHORED,
  type AnchorWorld,
  makeAnchorWorld,
  ofAnotherChain,
  type TestAnchoring,
} from "./world.ts";

describe("Anchoring", function () {
  this.timeout(60_000);
  let world: AnchorWorld;
  const started: TestAnchoring[] = [];
  before(async () => {
    world = await makeAnchorWorld("pglite");
  });
  afterEach(async () => {
    for (const one of started.splice(0)) await one.stop();
    await world.automine(true);
  });
  after(() => world?.close());

  async function start(...options: Parameters<AnchorWorld["start"]>): Promise<TestAnchoring> {
    const one = await world.start(...options);
    started.push(one);
    return one;
  }

  /** Changes the rows of a stream's batches as somebody who has the database. */
  const spoil = (log: WrittenLog, change: string) =>
    world.db.store
      .as("owner")
      .transaction(null, (sql) =>
        sql.query(`UPDATE proofx.batches SET ${change} WHERE store_id = $1`, [log.store]),
      );

  it("brings every batch of several streams to the chain once, in order, and records where", async () => {
    const [one, other] = [await world.stream(3), await world.stream(2)];
    const before = await world.transactions();
    const anchoring = await start();
    await anchoring.until(one, ALL_ANCHORED);
    await anchoring.until(other, ALL_ANCHORED);
    const rows = await anchoring.running.store.list({ streamId: one.streamId, limit: 10 });
    const head = await world.head(one);
    const newest = rows.find(({ batchIndex }) => batchIndex === 3n);
    expect([head.batchIndex, head.end, head.stateRoot]).to.deep.equal([
      3n,
      6n,
      toHex(newest?.stateRoot ?? new Uint8Array()),
    ]);
    expect(await world.transactions()).to.equal(before + 5);
    const [event] = await world.system.registry.queryFilter(
      world.system.registry.filters.BatchAnchored(toHex(one.streamId), 3),
    );
    expect(toHex(newest?.transactionHash ?? new Uint8Array())).to.equal(event?.transactionHash);
    expect([newest?.blockNumber, newest?.chainBatchIndex, newest?.matureAt]).to.deep.equal([
      BigInt(event?.blockNumber ?? 0),
      3n,
      event?.args.matureAt,
    ]);
    expect(anchoring.running.obstacles()).to.deep.equal([]);
  });

  it("anchors what log verify finds on the chain again, and what was changed since is found", async () => {
    const log = await world.stream(2);
    const anchoring = await start();
    await anchoring.until(log, ALL_ANCHORED);
    const verify = () =>
      verifyLog({
        source: databaseSource(world.db.store.as("keeper")),
        chain: chainSource(world.chain.ethers.provider, readDeploymentFile(world.deploymentFile)),
        store: log.store,
        open: async (_record, kept) => kept,
      });
    const { streams, fault } = await verify();
    expect(fault).to.equal(undefined);
    expect(streams[0]).to.include({ events: 4n, batches: 2n, anchored: 2n });
    await world.db.store
      .as("owner")
      .transaction(null, (sql) =>
        sql.query("UPDATE proofx.anchors SET block_number = block_number + 1 WHERE store_id = $1", [
          log.store,
        ]),
      );
    const changed = (await verify()).fault;
    expect([changed?.kind, changed?.entry, changed?.field]).to.deep.equal(["anchor", "1", "block_number"]);
  });

  it("takes a batch for anchored only at its depth", async () => {
    const log = await world.stream(1);
    const anchoring = await start({ settings: { confirmations: 3 } });
    await anchoring.until(log, ([status]) => status === "included");
    await world.mine();
    await new Promise((resolve) => setTimeout(resolve, 200));
    await anchoring.until(log, ([status]) => status === "included");
    await world.mine();
    await anchoring.until(log, ALL_ANCHORED);
  });

  it("sends nothing above the cap, and goes on when the chain asks for less", async () => {
    const log = await world.stream(1);
    const node = await LyingNode.start(world.node);
    const dear = (gwei: number) => ({
      baseFeePerGas: [`0x${(BigInt(gwei) * 10n ** 9n).toString(16)}`],
      reward: [["0x3b9aca00"]],
    });
    node.lie("eth_feeHistory", () => dear(200));
    const anchoring = await start({ nodes: [node] });
    expect(await anchoring.waiting(log, "fee-cap")).to.contain("the cap of 100.0 gwei");
    expect(anchoring.running.obstacles().join()).to.contain("the cap of 100.0 gwei");
    expect(node.asked.filter(({ method }) => method === "eth_sendRawTransaction")).to.deep.equal([]);
    expect(await anchoring.until(log, () => true)).to.deep.equal(["pending"]);
    node.lie("eth_feeHistory", () => dear(2));
    await anchoring.until(log, ALL_ANCHORED);
  });

  it("replaces a transaction that no block takes by one that pays more under the same nonce", async () => {
    const log = await world.stream(1);
    await world.automine(false);
    const before = await world.transactions();
    const anchoring = await start({ settings: { resubmit_after: 0.2 } });
    const hashes = async () =>
      (await anchoring.running.store.list({ streamId: log.streamId, limit: 1 }))[0]?.hashes.length ?? 0;
    for (let i = 0; (await hashes()) < 3; i++) {
      if (i > 400) throw new Error("it was not replaced twice");
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    const attempts = await anchoring.running.store.attemptsAt(before);
    expect(new Set(attempts.map(({ nonce }) => nonce))).to.deep.equal(new Set([BigInt(before)]));
    for (const [i, { maxFeePerGas }] of attempts.entries())
      if (i > 0) expect(BigInt(maxFeePerGas) > BigInt(attempts[i - 1]?.maxFeePerGas ?? 0)).to.equal(true);
    await world.automine(true);
    await anchoring.until(log, ALL_ANCHORED);
    expect(await world.transactions()).to.equal(before + 1);
    expect(await world.anchoredEvents(log)).to.equal(1);
  });

  it("brings a batch that a reorganisation took back to the chain again", async () => {
    const log = await world.stream(1);
    const snapshot = await world.node("evm_snapshot", []);
    const anchoring = await start({ settings: { confirmations: 3 } });
    await anchoring.until(log, ([status]) => status === "included");
    const [before] = await anchoring.running.store.list({ streamId: log.streamId, limit: 1 });
    await world.automine(false);
    await world.node("evm_revert", [snapshot]);
    await anchoring.until(log, ([status]) => status === "pending");
    expect((await world.head(log)).batchIndex).to.equal(0n);
    await world.automine(true);
    await anchoring.until(log, ([status]) => status === "included");
    await world.mine(3);
    await anchoring.until(log, ALL_ANCHORED);
    const [after] = await anchoring.running.store.list({ streamId: log.streamId, limit: 1 });
    expect(after?.stateRoot).to.deep.equal(before?.stateRoot);
    expect(await world.anchoredEvents(log)).to.equal(1);
  });

  it("brings even a batch back that was taken for anchored", async () => {
    const log = await world.stream(1);
    const snapshot = await world.node("evm_snapshot", []);
    const anchoring = await start();
    await anchoring.until(log, ALL_ANCHORED);
    await world.node("evm_revert", [snapshot]);
    await anchoring.until(log, ([status]) => status === "pending");
    await anchoring.until(log, ALL_ANCHORED);
    expect(await world.anchoredEvents(log)).to.equal(1);
  });

  it("does not send what somebody anchored by hand, and finds it", async () => {
    const log = await world.stream(2);
    const blocked = await LyingNode.start(world.node);
    blocked.stall("eth_feeHistory");
    const waiting = await start({ nodes: [blocked] });
    await waiting.waiting(log, "rpc");
    const signer = await world.chain.ethers.getImpersonatedSigner(world.anchorer);
    const [second, first] = await waiting.running.store.list({ streamId: log.streamId, limit: 2 });
    if (first === undefined || second === undefined) throw new Error("no batches");
    await world.system.registry.connect(signer).anchor(
      toHex(log.streamId),
      {
        ...first,
        count: 2,
        batchRoot: toHex(first.batchRoot),
        factsRoot: toHex(first.factsRoot),
        logRoot: toHex(first.logRoot),
      },
      ZeroHash,
    );
    const before = await world.transactions();
    blocked.honest();
    await waiting.until(log, ALL_ANCHORED);
    expect(await world.transactions()).to.equal(before + 1);
    expect(await world.anchoredEvents(log)).to.equal(2);
  });

  it("is loud about a chain that has another history, and sends nothing", async () => {
    const log = await world.stream(2);
    const signer = await world.chain.ethers.getImpersonatedSigner(world.anchorer);
    const foreign = {
      startSequence: 1,
      endSequence: 2,
      count: 2,
      batchRoot: ZeroHash,
      factsRoot: ZeroHash,
      logRoot: ZeroHash,
    };
    await world.system.registry.connect(signer).anchor(toHex(log.streamId), foreign, ZeroHash);
    const before = await world.transactions();
    const anchoring = await start();
    expect(await anchoring.waiting(log, "fork")).to.contain("the log was forked");
    expect(anchoring.running.obstacles().join()).to.contain("the log was forked");
    expect(await world.transactions()).to.equal(before);
  });

  it("is loud about a chain that is ahead of the log", async () => {
    const log = await world.stream(1);
    const signer = await world.chain.ethers.getImpersonatedSigner(world.anchorer);
    const longer = {
      startSequence: 1,
      endSequence: 9,
      count: 9,
      batchRoot: ZeroHash,
      factsRoot: ZeroHash,
      logRoot: ZeroHash,
    };
    await world.system.registry.connect(signer).anchor(toHex(log.streamId), longer, ZeroHash);
    const anchoring = await start();
    expect(await anchoring.waiting(log, "chain-ahead")).to.contain("this log lost its end");
  });

  for (const [what, cause, make] of [
    ["a stream that was never opened", "stream-unknown", (w: AnchorWorld) => w.stream(1, { unopened: true })],
    [
      "another anchorer's stream",
      "wrong-anchorer",
      (w: AnchorWorld) => w.stream(1, { anchorer: w.system.actors.stranger.address }),
    ],
    [
      "a suspended stream",
      "suspended",
      async (w: AnchorWorld) => {
        const log = await w.stream(1);
        await w.system.registry
          .connect(w.system.actors.admin)
          .replaceAnchorer(toHex(log.streamId), ZeroAddress);
        return log;
      },
    ],
  ] as const)
    it(`says so and spends nothing on ${what}, while others go on`, async () => {
      const log = await make(world);
      const good = await world.stream(1);
      const before = await world.transactions();
      const anchoring = await start();
      await anchoring.until(good, ALL_ANCHORED);
      const detail = await anchoring.waiting(log, cause);
      expect(anchoring.running.obstacles()).to.include(detail);
      expect(await world.transactions()).to.equal(before + 1);
    });

  it("passes over a batch that the contract refuses, and spends nothing on it", async () => {
    const refused = await world.stream(1);
    await spoil(refused, "facts_root = decode(repeat('ff', 32), 'hex')");
    const good = await world.stream(2);
    const before = await world.transactions();
    const anchoring = await start();
    await anchoring.until(good, ALL_ANCHORED);
    expect(await anchoring.waiting(refused, "refused")).to.contain("FactsRootNotInField");
    expect(await world.transactions()).to.equal(before + 2);
  });

  it("anchors what it can when one stream's batches contradict the chain", async () => {
    const spoilt = await world.stream(1);
    const id = toHex(spoilt.streamId);
    const node = await LyingNode.start(world.node);
    // The registry's own event, but of another batch.
    node.lie("eth_getTransactionReceipt", async (_params, real) => {
      const receipt = (await real()) as { logs: { topics: string[] }[] } | null;
      for (const { topics } of receipt?.logs ?? []) if (topics[1] === id) topics[2] = `0x${"0".repeat(63)}7`;
      return receipt;
    });
    const anchoring = await start({ nodes: [node], settings: { confirmations: 2 } });
    await anchoring.until(spoilt, ([status]) => status === "included");
    const good = await world.stream(2);
    await world.mine();
    expect(await anchoring.waiting(spoilt, "fault")).to.contain("batch 1 stands in the chain as 7");
    await anchoring.until(good, ([, second]) => second === "included");
    await world.mine();
    await anchoring.until(good, ALL_ANCHORED);
    expect(anchoring.running.obstacles().join()).to.contain("batch 1 stands in the chain as 7");
  });

  it("does not send again what the timelock cut, unless it is told to", async () => {
    const log = await world.stream(2);
    const anchoring = await start();
    await anchoring.until(log, ALL_ANCHORED);
    await anchoring.stop();
    started.length = 0;
    const rows = await anchoring.running.store.list({ streamId: log.streamId, limit: 2 });
    const [second, first] = rows;
    if (first === undefined || second === undefined) throw new Error("no batches");
    const { registry, actors } = world.system;
    const cut = [{ contentRoot: toHex(contentRoot(second)), end: second.endSequence }];
    await registry
      .connect(actors.timelock)
      .reopen(toHex(log.streamId), 1, first.endSequence, toHex(first.stateRoot), cut);
    const again = await start();
    expect(await again.waiting(log, "cut")).to.contain("the timelock cut batch 2");
    expect((await world.head(log)).batchIndex).to.equal(1n);
    await again.stop();
    started.length = 0;
    const told = await start({ settings: { resubmit_cut: [toHex(log.streamId)] } });
    await told.until(log, ([, status]) => status === "pending");
    await told.until(log, ALL_ANCHORED);
    expect((await world.head(log)).batchIndex).to.equal(2n);
  });

  it("refuses to start on another chain than the deployment's", async () => {
    const error = await world
      .start({ settings: { deployment: ofAnotherChain(world) } })
      .catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(InputError);
    expect(String(error)).to.contain("serves another chain");
  });

  it("believes no single node: one that lies or stalls changes nothing", async () => {
    const nodes = await Promise.all([1, 2, 3].map(() => LyingNode.start(world.node)));
    const log = await world.stream(2);
    const [liar] = nodes;
    liar?.lie("eth_getTransactionCount", () => "0x0");
    liar?.lie("eth_getTransactionReceipt", () => null);
    liar?.lie("eth_call", async (params, real) => {
      const answer = (await real()) as string;
      return JSON.stringify(params).includes("0x")
        ? `0x${"00".repeat(Math.max(32, (answer.length - 2) / 2))}`
        : answer;
    });
    const before = await world.transactions();
    const anchoring = await start({ nodes });
    await anchoring.until(log, ALL_ANCHORED);
    liar?.honest();
    liar?.stall("*");
    await world.grow(log, 1);
    await anchoring.until(log, (statuses) => statuses.length === 3 && ALL_ANCHORED(statuses));
    expect(await world.transactions()).to.equal(before + 3);
  });
});
