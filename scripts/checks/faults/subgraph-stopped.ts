import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CheckError } from "../../../src/core/errors.ts";
import { type GraphNode, startGraphNode } from "../../../src/ops/graph-node.ts";
import { buildSubgraph } from "../../../src/ops/subgraph/project.ts";
import { readHead } from "../../../src/ops/subgraph/query.ts";
import type { Fault } from "../runbook/fault.ts";
import { ROOT } from "../support/process.ts";

const SOURCES = join(ROOT, "build/runbooks/subgraph-sources");
const PROJECT = join(ROOT, "build/runbooks/subgraph");
const HANDLER = "export function handleStreamOpened(event: StreamOpened): void {";
const TRIES = 600;

let node: GraphNode | undefined;

export const fault: Fault = {
  what: "a graph-node's subgraph stops at a handler that fails",
  needs: "gnd",
  async inject({ addresses, env }) {
    const { NETWORK: network = "", RPC: rpcUrl = "" } = env;
    const place = (part: string) => ({ address: addresses[part] ?? "", startBlock: 0 });
    const places = {
      ProofXVerifier: place("verifier"),
      AnchorRegistry: place("registry"),
      TimelockController: place("timelock"),
    };
    plantFailure();
    await buildSubgraph(PROJECT, network, places, SOURCES);
    node = await startGraphNode({ project: PROJECT, network, rpcUrl });
    await untilFailed(node.url);
    const { admin, ipfs, status, url } = node;
    return { SUBGRAPH: url, SUBGRAPH_STATUS: status, SUBGRAPH_ADMIN: admin, SUBGRAPH_IPFS: ipfs };
  },
  watched: () => ({ health: `subgraph = "${node?.url}"` }),
  async clear() {
    await node?.close();
    node = undefined;
  },
};

/** The mappings as they are, but that no stream can be opened. */
function plantFailure(): void {
  rmSync(SOURCES, { recursive: true, force: true });
  cpSync(join(ROOT, "subgraph"), SOURCES, { recursive: true });
  const file = join(SOURCES, "src/streams.ts");
  const source = readFileSync(file, "utf8");
  if (!source.includes(HANDLER)) throw new CheckError(`${file} has no such handler any more: ${HANDLER}`);
  writeFileSync(file, source.replace(HANDLER, `${HANDLER}\n  assert(false, "planted");`));
}

async function untilFailed(url: string): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    if ((await readHead(url)).failed) return;
    await sleep(100);
  }
  throw new CheckError("the subgraph did not come to the handler that fails");
}
