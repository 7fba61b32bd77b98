import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../support/process.ts";
import { PORTS } from "./ports.ts";
import type { Stage } from "./stage.ts";

const WORK = "build/runbooks";

/** Services that faults and pages ask for, beside the chain and the log, which the story keeps up. */
export const SERVICES = {
  prover: { words: ["prover", "--config", `${WORK}/prover.toml`], ready: "prover is listening on" },
  watcher: { words: ["watcher", "--config", `${WORK}/proofx.toml`], ready: "watcher is listening on" },
  "state-watcher": { words: ["watcher", "--config", `${WORK}/state.toml`], ready: "watcher is listening on" },
  relayer: { words: ["relayer", "--config", `${WORK}/relayer.toml`], ready: "relayer is listening on" },
  aleo: { words: ["aleo", "devnode", "--port", String(PORTS.aleo)], ready: "aleo devnode is listening on" },
} as const;
export type ServiceName = keyof typeof SERVICES;

/** Where the watcher keeps what it told. */
export const ALERTS = `${WORK}/alerts`;

/** The story's configuration, and what watches it. */
function stageSettings(rpcUrl: string, sequencer: string, nextBlock: number): string {
  return `${readFileSync(join(ROOT, "build/story/proofx.toml"), "utf8")}
[watcher]
deployment = "build/story/deployments/story.json"
rpc_urls = ["${rpcUrl}"]
folder = "${WORK}/watcher"
confirmations = 0
poll = 1
# A fault may come before the watcher has first looked.
from_block = ${nextBlock}

[[watcher.logs]]
url = "${sequencer}"
tenant = "7e4a0000-0000-4000-8000-000000000001"
store = "570e0000-0000-4000-8000-000000000001"
token_file = "build/story/work/admin.key"
from_sequence = 1

[watcher.http]
port = ${PORTS.watcher}

[alerts]
folder = "${ALERTS}"

[health]
disks = ["."]

[health.services]
sequencer = "${sequencer}"

[backup]
folder = "${WORK}/backups"

[backup.holders]

[incidents]
folder = "${WORK}/incidents"

[aleo]
folder = "${WORK}/aleo"
`;
}

/** Writes the configuration of the services. */
export async function writeStageFiles({ env }: Stage, rpcUrl: string): Promise<void> {
  rmSync(join(ROOT, WORK), { recursive: true, force: true });
  mkdirSync(join(ROOT, WORK), { recursive: true });
  const write = (name: string, text: string, mode = 0o644) =>
    writeFileSync(join(ROOT, WORK, name), text, { mode });
  write("proofx.toml", stageSettings(rpcUrl, env.SEQUENCER ?? "", await nextBlockOf(rpcUrl)));
  write("token", `${"stage-relayer-token-".padEnd(64, "0")}\n`, 0o600);
  write(
    "relayer.toml",
    `[log]
level = "info"
[relayer]
deployment = "build/story/deployments/story.json"
rpc_urls = ["${rpcUrl}"]
signer = "signer"
sender = "submitter"
folder = "${WORK}/outbox"
token_file = "${WORK}/token"
max_fee_per_gas = "50"
spending_limit = "0.2"
min_balance = "0.05"
confirmations = 1
poll = 1
[relayer.http]
port = ${PORTS.relayer}
`,
  );
  write(
    "prover.toml",
    `[log]
level = "info"
[prover]
workers = 1
queue_length = 1
[prover.http]
port = ${PORTS.prover}
[[prover.circuits]]
version = 1
`,
  );
}

async function nextBlockOf(rpcUrl: string): Promise<number> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_blockNumber", params: [] });
  const headers = { "content-type": "application/json" };
  const { result } = (await (await fetch(rpcUrl, { method: "POST", headers, body })).json()) as {
    result: string;
  };
  return Number(result) + 1;
}
