import { setTimeout as pause } from "node:timers/promises";
import { startGraphNode } from "../src/ops/graph-node.ts";
import { buildSubgraph, placesOf } from "../src/ops/subgraph/project.ts";
import { ask, readHead } from "../src/ops/subgraph/query.ts";
import { type Governed, startGoverned } from "../test/support/governed.ts";
import { type Measurement, quantile } from "./measurement.ts";

const ROUNDS = 20;
/** Blocks with an event each that it finds when it starts. */
const BACKLOG = 200;

/**
 * Measures how long after a block was mined its event can be queried, and how fast a backlog is taken in; the floor is how long
 * the chain's own node takes to answer that it has the block.
 */
export async function measureSubgraph(): Promise<Measurement> {
  const chain = await startGoverned();
  try {
    const { address } = chain.deployment().contracts.registry ?? { address: "" };
    const project = "build/subgraph/bench";
    await buildSubgraph(project, "local", placesOf(chain.deployment()));
    const admin = await chain.impersonate(chain.account("admin"));
    const open = async (number: number): Promise<void> => {
      const registry = chain.contracts().registry.connect(admin);
      await registry.openStream(`0x${number.toString(16).padStart(64, "0")}`, address, 0);
    };
    for (let i = 1; i <= BACKLOG; i += 1) await open(i);
    const node = await startGraphNode({ project, network: "local", rpcUrl: chain.rpcUrl });
    try {
      const started = performance.now();
      const first = (await readHead(node.url)).number;
      const last = await untilCaughtUp(chain, node.url);
      const perSecond = ((last - first) * 1000) / (performance.now() - started);
      const lags: number[] = [];
      const floors: number[] = [];
      for (let i = 1; i <= ROUNDS; i += 1) {
        await open(BACKLOG + i);
        const mined = performance.now();
        await chain.provider.getBlockNumber();
        floors.push(performance.now() - mined);
        await untilStreams(node.url, BACKLOG + i);
        lags.push(performance.now() - mined);
      }
      return {
        title: "Subgraph: from a mined block to a query's answer",
        rows: rowsOf(lags, floors, perSecond),
      };
    } finally {
      await node.close();
    }
  } finally {
    await chain.close();
  }
}

function rowsOf(lags: readonly number[], floors: readonly number[], perSecond: number): Measurement["rows"] {
  const floor = quantile(floors, 0.5);
  const floorOrPeer = `the chain's own node ${floor.toFixed(1)} ms`;
  return [
    { name: "lag, median", value: quantile(lags, 0.5), unit: "ms", floorOrPeer },
    { name: "lag, 99 of 100", value: quantile(lags, 0.99), unit: "ms", floorOrPeer },
    { name: "backlog taken in, an event each", value: perSecond, unit: "blocks/s" },
  ];
}

/** Waits for the chain's newest block. @returns its number. */
async function untilCaughtUp(chain: Governed, url: string): Promise<number> {
  for (;;) {
    const [head, seen] = [await chain.provider.getBlockNumber(), await readHead(url)];
    if (seen.failed) throw new Error("a handler of the subgraph failed");
    if (seen.number >= head) return head;
    await pause(20);
  }
}

/** Waits until a stream by this number can be found. */
async function untilStreams(url: string, number: number): Promise<void> {
  const id = `0x${number.toString(16).padStart(64, "0")}`;
  const query = "query One($id: ID!) { stream(id: $id) { id } }";
  while ((await ask<{ stream: object | null }>(url, query, { id })).stream === null) await pause(10);
}
