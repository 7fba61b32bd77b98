import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../support/process.ts";
import type { Stage } from "./stage.ts";

const WORK = "build/runbooks";

/** Services that faults and pages ask for, beside the chain and the log, which the story keeps up. */
export const SERVICES = {
  prover: { words: ["prover", "--config", `${WORK}/prover.toml`], ready: "prover is listening on" },
  relayer: { words: ["relayer", "--config", `${WORK}/relayer.toml`], ready: "relayer is listening on" },
} as const;
export type ServiceName = keyof typeof SERVICES;

/** Writes the configuration of the services. */
export async function writeStageFiles(_stage: Stage, rpcUrl: string): Promise<void> {
  rmSync(join(ROOT, WORK), { recursive: true, force: true });
  mkdirSync(join(ROOT, WORK), { recursive: true });
  const write = (name: string, text: string, mode = 0o644) =>
    writeFileSync(join(ROOT, WORK, name), text, { mode });
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
port = 18790
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
port = 18780
[[prover.circuits]]
version = 1
`,
  );
}
