import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { ZeroAddress, ZeroHash } from "ethers";
import {
  type ContractRecord,
  contractOf,
  type Deployment,
  readDeploymentFile,
} from "../../../src/chain/deployment.ts";
import { RpcPool } from "../../../src/chain/relay/pool.ts";
import { Endpoint } from "../../../src/chain/relay/rpc.ts";
import { UnavailableError } from "../../../src/core/errors.ts";
import { cosign, noteText, verifierKey } from "../../../src/core/log/index.ts";
import { viewChain } from "../../../src/ops/probes/index.ts";
import { witnessSilentProbe } from "../../../src/ops/probes/witness-silent.ts";
import { newSigner } from "../../sequencer/ingest/support.ts";
import { LyingNode } from "../../services/relayer/lying-node.ts";
import { makeWorld, type World } from "../../services/relayer/world.ts";
import { found, probeOf } from "./support.ts";

const DAY = 86_400;

describe("probes of the chain", () => {
  let world: World;
  let nodes: LyingNode[];
  let deployment: Deployment;
  let registry: ContractRecord;
  let server: Server | undefined;

  before(async () => {
    world = await makeWorld();
    const read = readDeploymentFile(join(world.folder, "deployment.json"));
    registry = contractOf(read, "registry");
    deployment = { ...read, contracts: { ...read.contracts, timelock: registry, circuitVerifier: registry } };
    nodes = await Promise.all([0, 1, 2].map(() => LyingNode.start(world.node)));
  });
  afterEach(() => {
    for (const node of nodes) node.honest();
  });
  after(async () => {
    server?.close();
    for (const node of nodes) await node.close();
    await world.close();
  });

  const chain = (changes: Partial<Deployment["contracts"]> = {}) => {
    const endpoints = nodes.map(({ url }, index) => new Endpoint(index, url, 2_000));
    const identity = { chainId: BigInt(deployment.chainId), genesisHash: deployment.genesisHash };
    const pool = new RpcPool(endpoints, 2, identity, { fault: () => {} });
    return { pool, deployment: { ...deployment, contracts: { ...deployment.contracts, ...changes } } };
  };

  it("paused and guardian-pause-ending: as long as the pause lasts, told a day before it ends by itself", async () => {
    const { verifier, actors } = world.system;
    const parts = { chain: chain() };
    const [paused, ending] = ["paused", "guardian-pause-ending"].map((name) => probeOf(name, {}, parts));
    if (paused === undefined || ending === undefined) throw new Error("no probe");
    const block = Number(await world.node("eth_blockNumber", []));
    expect(await found(paused)).to.include({ breached: false, value: 0, block });
    await verifier.connect(actors.guardian).pause();
    expect(await found(paused)).to.include({ breached: true, value: 7 * DAY, block: block + 1 });
    expect(await found(ending)).to.include({ breached: false });
    await world.chain.time.increase(6 * DAY);
    expect(await found(ending)).to.include({ breached: true, value: DAY });
    await world.chain.time.increase(DAY);
    expect(await found(paused)).to.include({ breached: false });
    expect(await found(ending)).to.include({ breached: false });
  });

  it("paused: one node that lies changes nothing, and two that disagree leave it unknown", async () => {
    const probe = probeOf("paused", {}, { chain: chain() });
    nodes[0]?.lie("eth_call", () => `0x${"f".repeat(16).padStart(64, "0")}`);
    expect((await found(probe)).breached).to.equal(false);
    nodes[1]?.stall("eth_call");
    expect((await found(probe)).breached).to.equal(undefined);
  });

  it("timelock-ready: from the end of the delay until it is executed or cancelled, with the call in words", async () => {
    const { actors, verifier, chain: hardhat } = world.system;
    const { admin } = actors;
    const timelock = await hardhat.ethers.deployContract("TimelockController", [
      DAY,
      [admin.address],
      [admin.address],
      ZeroAddress,
    ]);
    const address = await timelock.getAddress();
    const parts = { chain: chain({ timelock: { ...registry, artifact: "TimelockController", address } }) };
    const probe = probeOf("timelock-ready", {}, parts);
    expect(await probe.look()).to.deep.equal([]);
    const data = verifier.interface.encodeFunctionData("unpause");
    const call = [await verifier.getAddress(), 0, data, ZeroHash, ZeroHash] as const;
    const id = await timelock.hashOperation(...call);
    await timelock.connect(admin).getFunction("schedule")(...call, DAY);
    expect(await found(probe, id)).to.include({ breached: false });
    await world.chain.time.increase(DAY + 60);
    const ready = await found(probe, id);
    expect(ready.breached).to.equal(true);
    expect(ready.value).to.be.within(60, 70);
    expect(ready.summary).to.include("verifier.unpause()");
    await timelock.connect(admin).getFunction("cancel")(id);
    expect(await probe.look()).to.deep.equal([]);
  });

  it("timelock-ready: throws while nobody says which operations there are, so that nothing ends by silence", async () => {
    const probe = probeOf("timelock-ready", {}, { chain: chain() });
    nodes[0]?.lie("*", () => null);
    nodes[1]?.lie("*", () => null);
    const error = await probe.look().catch((caught: unknown) => caught);
    expect(error).to.be.instanceOf(UnavailableError);
  });

  it("balance-low: at the limit it is well, a wei below it is not", async () => {
    const { deployer } = world.system.actors;
    const parts = { chain: chain() };
    const has = await world.chain.ethers.provider.getBalance(deployer.address);
    const at = (least: bigint) =>
      probeOf(
        "balance-low",
        {
          accounts: [
            { name: "payer", address: deployer.address, min_balance: world.chain.ethers.formatEther(least) },
          ],
        },
        parts,
      );
    expect((await found(at(has), "payer")).breached).to.equal(false);
    expect((await found(at(has + 1n), "payer")).breached).to.equal(true);
  });

  it("rpc-disagree: names the node that has another block, the one that lags, and those that are silent", async () => {
    const probe = probeOf("rpc-disagree", { rpc_lag: 2 }, { chain: chain() });
    for (const subject of ["0", "1", "2"]) expect((await found(probe, subject)).breached).to.equal(false);
    nodes[1]?.lie("eth_getBlockByNumber", async ([tag], real) => {
      const block = (await real()) as { hash: string };
      return tag === "0x0" ? block : { ...block, hash: `0x${"12".repeat(32)}` };
    });
    nodes[2]?.lie("eth_blockNumber", async (_params, real) => `0x${(Number(await real()) - 3).toString(16)}`);
    expect(await found(probe, "0")).to.include({ breached: false, value: 0 });
    expect((await found(probe, "1")).summary).to.include("another block");
    expect(await found(probe, "2")).to.include({ breached: true, value: 3 });
    nodes[2]?.lie("eth_blockNumber", () => "no number");
    expect((await found(probe, "2")).breached).to.equal(undefined);
  });

  it("subgraph-lag: blocks behind the agreed head; one that stopped at an error is in breach at once", async () => {
    let answer: object = {};
    const graph = createServer((_request, response) => response.end(JSON.stringify(answer)));
    server = graph;
    await new Promise<void>((resolve) => graph.listen(0, "127.0.0.1", resolve));
    const subgraph = `http://127.0.0.1:${(graph.address() as AddressInfo).port}`;
    await world.mine(30);
    const head = Number(await world.node("eth_blockNumber", []));
    const probe = probeOf("subgraph-lag", { subgraph, subgraph_lag: 20 }, { chain: chain() });
    const at = (number: number, hasIndexingErrors = false) => {
      answer = { data: { _meta: { block: { number }, hasIndexingErrors } } };
    };
    at(head - 20);
    expect(await found(probe)).to.include({ breached: false, value: 20 });
    at(head - 21);
    expect(await found(probe)).to.include({ breached: true, value: 21 });
    at(head, true);
    expect(await found(probe)).to.include({ breached: true, value: 0 });
    answer = { errors: [{ message: "no such subgraph" }] };
    expect((await found(probe)).breached).to.equal(undefined);
  });

  it("witness-silent: once a stream's checkpoints went without its cosignature for too long", async () => {
    const witness = { ...newSigner(), name: "witness.example/w1" };
    const text = "proofx.test/1\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
    const line = await cosign(text, witness, 1_700_000_000n);
    const own = { name: "proofx.test", keyId: 1, signature: new Uint8Array(64) };
    let cosigned = true;
    let taken: number | undefined;
    const log = {
      streamId: "0x01",
      timeOf: async () => taken,
      checkpoint: async () => noteText({ text, signatures: cosigned ? [own, line] : [own] }),
    };
    let now = 0;
    const key = { name: witness.name, publicKey: witness.publicKey, type: 4 } as const;
    expect(verifierKey(key)).to.include("witness.example/w1+");
    const probe = witnessSilentProbe([key], [log], 900, () => now);
    expect(await found(probe, witness.name)).to.include({ breached: false, value: 0 });
    cosigned = false;
    expect(await found(probe, witness.name)).to.include({ breached: false, value: 0 });
    now = 900_000;
    expect((await found(probe, witness.name)).breached).to.equal(false);
    now = 901_000;
    expect(await found(probe, witness.name)).to.include({ breached: true, value: 901 });
    cosigned = true;
    expect(await found(probe, witness.name)).to.include({ breached: false, value: 0 });

    cosigned = false;
    taken = now - 901_000;
    const begunAnew = witnessSilentProbe([key], [log], 900, () => now);
    expect(await found(begunAnew, witness.name)).to.include({ breached: true, value: 901 });
  });

  it("contracts are what the source compiles to, through nodes of which one lies", async () => {
    const { lookAtContracts } = await import("../../../src/ops/health/index.ts");
    nodes[0]?.lie("eth_getCode", () => "0x");
    const view = viewChain(chain());
    const there = (await lookAtContracts(view)).find(({ subject }) => subject === "registry");
    expect(there?.breached).to.equal(false);
    nodes[1]?.lie("eth_getCode", () => "0x");
    const gone = (await lookAtContracts(view)).find(({ subject }) => subject === "registry");
    expect(gone?.breached).to.equal(true);
  });
});
