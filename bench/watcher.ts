import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type ContractEventPayload, JsonRpcProvider } from "ethers";
import { type StubReceiver, startStub } from "../test/ops/sinks/stub-receiver.ts";
import { LyingNode } from "../test/services/relayer/lying-node.ts";
import { makeWorld, type World } from "../test/services/relayer/world.ts";
import { completeDeployment, grant } from "../test/services/watcher/world.ts";
import { type ProofxService, startProofx } from "../test/support/proofx.ts";
import { type Measurement, quantile, type Row } from "./measurement.ts";

/** How much is measured. */
interface Extent {
  /** Events whose way to the sink is timed. */
  readonly events: number;
  /** Blocks that are caught up with. */
  readonly blocks: number;
}

const EXTENT: Extent = { events: 40, blocks: 4_000 };
/** Of watcher and peer alike (s); half of it is what an event waits on average. */
const POLL = 1;
/** Catching up is timed by looks at a counter so often (ms). */
const LOOK = 20;

/**
 * Times events from the block that holds them to the request at a stub receiver, beside ethers' own poller that posts each event it
 * gets, at the same interval; and a catch-up, beside the bare calls for the same headers and logs.
 */
export async function measureWatcher({ events, blocks }: Extent = EXTENT): Promise<Measurement> {
  const world = await makeWorld();
  const node = await LyingNode.start(world.node);
  const receiver = await startStub();
  try {
    const latency = await measureLatency(world, node, receiver, events);
    const catchUp = await measureCatchUp(world, node, receiver, blocks);
    return {
      title: `The watcher on one node: ${events} events to a pager, and ${blocks.toLocaleString("en")} blocks it missed`,
      rows: [...latency, catchUp],
    };
  } finally {
    await receiver.close();
    await node.close();
    await world.close();
  }
}

/** Both at once, so that they are told of the same blocks on the same machine. */
async function measureLatency(
  world: World,
  node: LyingNode,
  receiver: StubReceiver,
  events: number,
): Promise<Row[]> {
  const watcher = await startWatcher(world, node, receiver, "latency");
  const provider = new JsonRpcProvider(node.url, undefined, {
    polling: true,
    pollingInterval: POLL * 1_000,
    batchMaxCount: 1,
  });
  const { verifier } = world.system;
  try {
    const told = async (payload: ContractEventPayload): Promise<void> => {
      const body = JSON.stringify({ key: payload.log.transactionHash });
      await fetch(`${receiver.url}/peer`, { method: "POST", body });
    };
    await verifier.connect(provider).on(verifier.filters.RoleGranted(), (...args) => {
      void told(args.at(-1) as unknown as ContractEventPayload);
    });
    // The first poll only says where the chain is.
    await pause(3 * POLL * 1_000);
    const spent: Record<"/watcher" | "/peer", number[]> = { "/watcher": [], "/peer": [] };
    for (let n = 0; n < events; n++) {
      // Not in step with the polls.
      await pause(POLL * 1_000 * ((n * 0.618) % 1));
      const hash = await grant(world, n + 1);
      const mined = performance.now();
      await Promise.all(
        (["/watcher", "/peer"] as const).map(async (path) => {
          await arrived(receiver, path, hash);
          spent[path].push(performance.now() - mined);
        }),
      );
    }
    return [0.5, 0.99].map((share) => {
      const [ours, peer] = [quantile(spent["/watcher"], share), quantile(spent["/peer"], share)];
      return {
        name: `mined block to the pager's endpoint, p${share * 100}`,
        value: ours,
        unit: "ms",
        floorOrPeer: `${peer.toFixed(0)} ms, ethers' poller and a bare POST, both every ${POLL} s`,
        ratio: ours / peer,
      };
    });
  } finally {
    provider.destroy();
    await watcher.end("SIGTERM");
  }
}

/** From its start to the last missed block, less what a start takes without any. */
async function measureCatchUp(
  world: World,
  node: LyingNode,
  receiver: StubReceiver,
  blocks: number,
): Promise<Row> {
  const first = Number(await world.node("eth_blockNumber", [])) + 1;
  await world.node("hardhat_mine", [`0x${blocks.toString(16)}`]);
  const began = performance.now();
  await bareCatchUp(node, first, blocks, await world.system.verifier.getAddress());
  const bare = performance.now() - began;
  const watcher = await startWatcher(world, node, receiver, "catch-up", first);
  try {
    const from = performance.now();
    while ((await finalBlock(watcher)) < first + blocks - 1 - CONFIRMATIONS) await pause(LOOK);
    const ours = performance.now() - from;
    return {
      name: "blocks a second while it catches up",
      value: (blocks * 1_000) / ours,
      unit: "1/s",
      floorOrPeer: `${((blocks * 1_000) / bare).toFixed(0)}/s, the bare calls for logs and for each range's last header`,
      ratio: bare / ours,
    };
  } finally {
    await watcher.end("SIGTERM");
  }
}

const CONFIRMATIONS = 3;
const RANGE = 500;

/** What nobody can do without: each range's logs and its last block. */
async function bareCatchUp(node: LyingNode, first: number, blocks: number, address: string): Promise<void> {
  const hex = (block: number): string => `0x${block.toString(16)}`;
  for (let from = first; from < first + blocks; from += RANGE) {
    const to = Math.min(from + RANGE, first + blocks) - 1;
    await call(node.url, "eth_getBlockByNumber", [hex(to), false]);
    await call(node.url, "eth_getLogs", [{ fromBlock: hex(from), toBlock: hex(to), address }]);
  }
}

async function call(url: string, method: string, params: readonly unknown[]): Promise<void> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  await (await fetch(url, { method: "POST", body })).json();
}

async function finalBlock(watcher: ProofxService): Promise<number> {
  const text = await (await fetch(`${watcher.url}/metrics`)).text();
  return Number(/^proofx_watcher_final_block(?:\{[^}]*\})? (\S+)$/m.exec(text)?.[1] ?? 0);
}

async function arrived(receiver: StubReceiver, path: string, hash: string): Promise<void> {
  while (!receiver.got.some((each) => each.path === path && each.text.includes(hash))) await pause(2);
}

async function startWatcher(
  world: World,
  node: LyingNode,
  receiver: StubReceiver,
  name: string,
  fromBlock?: number,
): Promise<ProofxService> {
  const folder = join(world.folder, name);
  const key = join(world.folder, "routing-key");
  writeFileSync(key, "0123456789abcdef0123456789abcdef\n", { mode: 0o600 });
  const config = join(world.folder, `${name}.toml`);
  writeFileSync(
    config,
    `[log]
level = "warn"

[keys]
folder = "${join(world.folder, "keys")}"

[watcher]
deployment = "${await completeDeployment(world)}"
rpc_urls = ["${node.url}"]
folder = "${folder}"
confirmations = ${CONFIRMATIONS}
range = ${RANGE}
poll = ${POLL}
${fromBlock === undefined ? "" : `from_block = ${fromBlock}`}

[watcher.http]
port = 0

[alerts]
folder = "${folder}-alerts"

[[alerts.sink]]
kind = "pagerduty"
name = "on-call"
routing_key_file = "${key}"
url = "${receiver.url}/watcher"
interval = 0
`,
  );
  return startProofx(["watcher", "--config", config], world.environment);
}
