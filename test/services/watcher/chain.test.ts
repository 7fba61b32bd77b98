import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { id } from "ethers";
import { readDeploymentFile } from "../../../src/chain/deployment.ts";
import { RpcPool } from "../../../src/chain/relay/pool.ts";
import { Endpoint } from "../../../src/chain/relay/rpc.ts";
import { RULES } from "../../../src/ops/monitors/index.ts";
import { ChainFollower } from "../../../src/ops/watcher/chain-follower.ts";
import { ChainWatch, chainState } from "../../../src/ops/watcher/chain-watch.ts";
import { CheckpointFile } from "../../../src/ops/watcher/checkpoint.ts";
import { Endpoints } from "../../../src/ops/watcher/endpoints.ts";
import { Judge } from "../../../src/ops/watcher/judge.ts";
import { LyingNode } from "../relayer/lying-node.ts";
import { makeWorld, type World } from "../relayer/world.ts";
import { KeptAlerts } from "./kept-alerts.ts";
import { grantMany, until } from "./world.ts";

const SIGNER_ROLE = id("SIGNER_ROLE");
const STOP = new AbortController().signal;

describe("What happens on the chain becomes alerts", function () {
  this.timeout(60_000);
  let world: World;
  const nodes: LyingNode[] = [];
  let snapshot: unknown;
  let folders = 0;
  before(async () => {
    world = await makeWorld();
    await world.mine(8);
  });
  beforeEach(async () => {
    snapshot = await world.node("evm_snapshot", []);
  });
  afterEach(async () => {
    for (const node of nodes.splice(0)) await node.close();
    await world.node("evm_revert", [snapshot]);
  });
  after(() => world?.close());

  interface Options {
    readonly nodes?: number;
    readonly alerts?: KeptAlerts;
    readonly folder?: string;
    readonly range?: number;
    readonly fromBlock?: number;
  }

  /** A watch of three confirmations; another one on the same folder is the same one, started again. */
  async function watch(options: Options = {}) {
    const deployment = readDeploymentFile(join(world.folder, "deployment.json"));
    while (nodes.length < (options.nodes ?? 1)) nodes.push(await LyingNode.start(world.node));
    const ends = nodes.map(({ url }, index) => new Endpoint(index, url, 1_000));
    const endpoints = new Endpoints(ends.length, { lag: 2, patience: 2, memory: 60_000 }, Date.now);
    const pool = new RpcPool(
      ends,
      Math.min(2, ends.length),
      { chainId: BigInt(deployment.chainId), genesisHash: deployment.genesisHash },
      { fault: () => undefined, outvoted: (...vote) => endpoints.outvoted(...vote) },
    );
    const judge = new Judge(RULES, deployment);
    const follower = new ChainFollower({
      pool,
      addresses: judge.addresses,
      depth: 3,
      range: options.range ?? 1_000,
      looked: (heads, tip) => endpoints.looked(heads, tip.number, 3, pool.faults),
    });
    const folder = options.folder ?? join(world.folder, `watch-${++folders}`);
    const subject = `chain ${deployment.chainId}`;
    const checkpoint = CheckpointFile.open(join(folder, "chain"), subject, chainState);
    const alerts = options.alerts ?? new KeptAlerts();
    const reorganised: boolean[] = [];
    const parts = {
      chainId: deployment.chainId,
      follower,
      judge,
      alerts,
      checkpoint,
      confirmations: 3,
      fromBlock: options.fromBlock,
      now: Date.now,
      events: {
        advanced: () => undefined,
        saw: () => undefined,
        reorganised: (_from: number, final: boolean) => reorganised.push(final),
      },
    };
    const chainWatch = new ChainWatch(parts);
    return { alerts, checkpoint, endpoints, folder, reorganised, round: () => chainWatch.round(STOP) };
  }

  const addressOf = (n: number) => `0x${n.toString(16).padStart(40, "0")}`;
  /** Grants a role to account `n`; the same grant twice is the same transaction. */
  const grant = (n = 1) => {
    const fees = { gasLimit: 200_000, maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 10n ** 9n };
    const { verifier, actors } = world.system;
    return verifier.connect(actors.admin).grantRole(SIGNER_ROLE, addressOf(n), fees);
  };
  it("a role granted is told at once as unconfirmed, and again as open once it is final", async () => {
    const { round, alerts } = await watch();
    await round();
    const { hash } = await grant();
    await round();
    expect(alerts.lines()).to.deep.equal(["RoleGranted unconfirmed"]);
    await world.mine(2);
    await round();
    expect(alerts.lines()).to.have.length(1);
    await world.mine(1);
    await round();
    await round();
    expect(alerts.lines()).to.deep.equal(["RoleGranted unconfirmed", "RoleGranted open"]);
    const [first, second] = alerts.told;
    expect(first?.key).to.equal(`RoleGranted/31337/${hash}/0`);
    expect(second?.key).to.equal(first?.key);
    expect(first?.labels).to.deep.include({
      contract: "ProofXVerifier",
      role: "SIGNER_ROLE",
      account: "0x0000000000000000000000000000000000000001",
    });
    expect(first?.details).to.include({ transaction: hash, chainId: "31337" });
    expect(first?.runbook).to.equal("docs/runbooks/RoleGranted.md");
  });

  it("what is not urgent is told once, when it is final", async () => {
    const { round, alerts } = await watch();
    await round();
    const { verifier: contract, actors } = world.system;
    await contract.connect(actors.guardian).pause();
    await contract.connect(actors.admin).unpause();
    await round();
    expect(alerts.lines("Unpaused")).to.deep.equal([]);
    await world.mine(3);
    await round();
    expect(alerts.lines("Unpaused")).to.deep.equal(["Unpaused open"]);
  });

  it("a reorganisation retracts what it undid, and tells what is in the other branch", async () => {
    const { round, alerts } = await watch();
    await round();
    const fork = await world.node("evm_snapshot", []);
    await grant(1);
    await grant(2);
    await round();
    await world.node("evm_revert", [fork]);
    await world.node("evm_increaseTime", [7]);
    await world.mine(1);
    await grant(3);
    await round();
    expect(alerts.lines()).to.deep.equal([
      "RoleGranted unconfirmed",
      "RoleGranted unconfirmed",
      "RoleGranted retracted",
      "RoleGranted retracted",
      "RoleGranted unconfirmed",
    ]);
    await world.mine(3);
    await round();
    expect(alerts.active().map(({ phase, labels }) => [phase, labels.account])).to.deep.equal([
      ["open", "0x0000000000000000000000000000000000000003"],
    ]);
  });

  it("a chain that became shorter retracts as soon as it has another block there", async () => {
    const { round, alerts } = await watch();
    await world.mine(4);
    await round();
    const fork = await world.node("evm_snapshot", []);
    await grant();
    await round();
    await world.node("evm_revert", [fork]);
    await round();
    expect(alerts.lines()).to.deep.equal(["RoleGranted unconfirmed"]);
    await world.node("evm_increaseTime", [7]);
    await world.mine(1);
    await round();
    expect(alerts.lines()).to.deep.equal(["RoleGranted unconfirmed", "RoleGranted retracted"]);
  });

  it("a shorter branch retracts all of the longer one, also what nobody has a block in place of", async () => {
    const { round, alerts } = await watch();
    await world.mine(4);
    await round();
    const fork = await world.node("evm_snapshot", []);
    await world.mine(1);
    await grant();
    await round();
    await world.node("evm_revert", [fork]);
    await world.node("evm_increaseTime", [7]);
    await world.mine(1);
    await round();
    expect(alerts.lines()).to.deep.equal(["RoleGranted unconfirmed", "RoleGranted retracted"]);
  });

  it("a quorum that falls a block behind takes back nothing of what is not final yet", async () => {
    const { round, alerts, reorganised } = await watch({ nodes: 3 });
    await round();
    await grant();
    await round();
    const behind = Number(await world.node("eth_blockNumber", [])) - 1;
    // Two of three: the nodes that saw the block are fewer than a quorum for a while.
    for (const node of nodes.slice(1)) {
      node.lie("eth_blockNumber", () => `0x${behind.toString(16)}`);
      node.lie("eth_getBlockByNumber", async ([tag], real) => (Number(tag) > behind ? null : real()));
    }
    await round();
    expect(alerts.lines()).to.deep.equal(["RoleGranted unconfirmed"]);
    for (const node of nodes) node.honest();
    await world.mine(3);
    await round();
    expect(alerts.lines()).to.deep.equal(["RoleGranted unconfirmed", "RoleGranted open"]);
    expect(reorganised).to.deep.equal([]);
  });

  it("a quorum that does not have a final block at hand undoes nothing while it catches up", async () => {
    const { round, alerts, reorganised } = await watch({ nodes: 3 });
    await round();
    await grant();
    await world.mine(1);
    await round();
    const seen = Number(await world.node("eth_blockNumber", []));
    await world.mine(9);
    const [, ...others] = nodes;
    // As behind a URL that goes to one machine for the newest block and to another for what is older.
    for (const node of others)
      node.lie("eth_getBlockByNumber", async ([tag], real) => (Number(tag) <= seen ? null : real()));
    await round().catch(() => undefined);
    expect(alerts.lines()).to.deep.equal(["RoleGranted unconfirmed"]);
    for (const node of nodes) node.honest();
    await round();
    expect(alerts.lines()).to.deep.equal(["RoleGranted unconfirmed", "RoleGranted open"]);
    expect(reorganised).to.deep.equal([]);
  });

  it("a node that hides what happened in new blocks is outvoted, and reported once they are final", async () => {
    const { round, alerts, endpoints } = await watch({ nodes: 3 });
    await round();
    nodes[2]?.lie("eth_getLogs", () => []);
    await grant();
    for (let i = 0; i < 4; i++) {
      await round();
      await world.mine(1);
    }
    await round();
    expect(alerts.lines()).to.deep.equal(["RoleGranted unconfirmed", "RoleGranted open"]);
    const reported = () => endpoints.findings().filter(({ breached }) => breached === true);
    await until(() => reported().length > 0, reported);
    expect(reported().map(({ subject }) => subject)).to.deep.equal(["2"]);
    expect(endpoints.lies()).to.deep.equal([0, 0, 1]);
  });

  it("a transaction that comes back in another block is not told again until it is final", async () => {
    const { round, alerts } = await watch();
    await round();
    const fork = await world.node("evm_snapshot", []);
    const { hash } = await grant();
    await round();
    await world.node("evm_revert", [fork]);
    await world.mine(1);
    expect((await grant()).hash).to.equal(hash);
    await round();
    await world.mine(3);
    await round();
    expect(alerts.lines()).to.deep.equal(["RoleGranted unconfirmed", "RoleGranted open"]);
    const [early, final] = alerts.told.map(({ details }) => Number(details.block));
    expect(final).to.equal((early ?? 0) + 1);
  });

  it("even what was final is retracted when the chain undoes it, from the last checkpoint that holds", async () => {
    const { round, alerts, reorganised } = await watch();
    await round();
    await world.mine(4);
    await round();
    const fork = await world.node("evm_snapshot", []);
    await grant();
    await world.mine(5);
    await round();
    expect(alerts.lines()).to.deep.equal(["RoleGranted open"]);
    await world.node("evm_revert", [fork]);
    await world.node("evm_increaseTime", [9]);
    await world.mine(9);
    await round();
    expect(alerts.lines()).to.deep.equal(["RoleGranted open", "RoleGranted retracted"]);
    expect(reorganised).to.include(true);
  });

  it("events of a time when nobody watched are each told once, whatever range the node bears", async () => {
    const first = await watch();
    await first.round();
    const hashes = await grantMany(world, 200, 20);
    await world.mine(4);
    nodes[0]?.lie("eth_getLogs", async ([filter], real) => {
      const { fromBlock, toBlock } = filter as { fromBlock?: string; toBlock?: string };
      if (fromBlock !== undefined && Number(toBlock) - Number(fromBlock) >= 3)
        throw { code: -32005, message: "range" };
      return real();
    });
    const second = await watch({ folder: first.folder, alerts: first.alerts, range: 64 });
    await second.round();
    expect(second.alerts.lines()).to.have.length(200);
    const transactions = second.alerts.told.map(({ details }) => details.transaction);
    expect(new Set(transactions)).to.deep.equal(new Set(hashes));
    const third = await watch({ folder: first.folder });
    await third.round();
    expect(third.alerts.told).to.deep.equal([]);
  });

  it("a checkpoint is written only once its alerts are delivered", async () => {
    const { round, alerts, checkpoint, folder } = await watch();
    await round();
    const before = checkpoint.sequence;
    await grant();
    alerts.broken = true;
    await round().then(
      () => expect.fail("the round should have failed"),
      (error: Error) => expect(error.message).to.equal("the disk is full"),
    );
    expect(checkpoint.sequence).to.equal(before);
    const again = await watch({ folder });
    await again.round();
    expect(again.alerts.lines()).to.deep.equal(["RoleGranted unconfirmed"]);
  });

  it("nodes that fell behind what was final undo nothing, not at the next start either", async () => {
    const { round, alerts, folder, reorganised } = await watch();
    await round();
    await grant();
    await world.mine(5);
    await round();
    await grant(2);
    await round();
    const told = ["RoleGranted unconfirmed", "RoleGranted open"];
    expect(alerts.lines().sort()).to.deep.equal([...told].sort());
    const behind = Number(await world.node("eth_blockNumber", [])) - 5;
    nodes[0]?.lie("eth_blockNumber", () => `0x${behind.toString(16)}`);
    nodes[0]?.lie("eth_getBlockByNumber", async ([tag], real) => (Number(tag) > behind ? null : real()));
    const again = await watch({ folder, alerts });
    for (const each of [round, again.round])
      expect(await each().catch(({ message }) => message)).to.match(/behind/);
    expect(alerts.lines().sort()).to.deep.equal([...told].sort());
    expect(reorganised).to.deep.equal([]);
    nodes[0]?.honest();
    await again.round();
    expect(alerts.active()).to.have.length(2);
  });

  it("alerts from before a crash are retracted when their block is gone by the next start", async () => {
    const { round, alerts, folder } = await watch();
    await world.mine(4);
    await round();
    const [kept, fork] = [readFileSync(join(folder, "chain")), await world.node("evm_snapshot", [])];
    await grant(1);
    await round();
    // As if the process had died between the alert and the checkpoint, and the chain had changed since.
    writeFileSync(join(folder, "chain"), kept);
    await world.node("evm_revert", [fork]);
    await grant(2);
    const again = await watch({ folder, alerts });
    await again.round();
    expect(alerts.active().map(({ labels }) => labels.account)).to.deep.equal([
      "0x0000000000000000000000000000000000000002",
    ]);
    expect(alerts.lines()).to.include("RoleGranted retracted");
  });
});
