import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { JsonRpcProvider } from "ethers";
import { CheckError } from "../../../src/core/errors.ts";
import { PATHS, type StoryContext, type StoryService, type StoryStep } from "../context.ts";

const SETTINGS = join(PATHS.work, "watch.toml");
const PATIENCE_MS = 60_000;

interface SummaryJson {
  readonly rules: readonly { readonly rule: string; readonly severity: string; readonly began: number }[];
}

/** Starts whoever watches the chain, from its next block on; it has nobody to call here. */
export async function beginWatch({ service, rpcUrl }: StoryContext): Promise<StoryService> {
  writeFileSync(
    SETTINGS,
    `[keys]
folder = "${resolve(PATHS.keys)}"

[log]
level = "warn"

[watcher]
deployment = "${resolve(join(PATHS.deployments, "story.json"))}"
rpc_urls = ["${rpcUrl}"]
folder = "${resolve(PATHS.work, "watch")}"
confirmations = 0
poll = 1
from_block = ${(await newestBlock(rpcUrl)) + 1}

[watcher.http]
port = 0

[alerts]
folder = "${resolve(PATHS.work, "alerts")}"
`,
  );
  return service(["watcher", "--config", SETTINGS]);
}

export const watch: StoryStep = {
  id: "watch",
  title: "Both incidents were seen: what the watcher told while they happened",
  expected: { first: 3, again: 3 },
  code: [
    "src/ops/monitors/rules/pause.ts",
    "src/ops/watcher/chain-follower.ts",
    "docs/watcher.md",
    "docs/runbooks/SignerDistrusted.md",
  ],
  async run(context) {
    const { facts, proofx, rpcUrl } = context;
    const head = await newestBlock(rpcUrl);
    await caughtUp(facts.watcher, head);
    const { rules } = await proofx<SummaryJson>(["alerts", "summary", "--last", "24h", "--config", SETTINGS]);
    await facts.watcher.stop();
    facts.alerts = Object.fromEntries(rules.map(({ rule, began }) => [rule, began]));
    const told = rules.reduce((sum, { began }) => sum + began, 0);
    return {
      result: `${told} alerts by ${rules.length} rules, each with a page that says what to do`,
      inputs: { "followed up to block": head },
      outputs: Object.fromEntries(rules.map(({ rule, severity, began }) => [rule, `${began}, ${severity}`])),
    };
  },
};

async function caughtUp({ url }: StoryService, head: number): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  let block = 0;
  while (block < head) {
    if (performance.now() > end)
      throw new CheckError(`the watcher is at block ${block}, expected ${head} within a minute`);
    await pause(200);
    block = ((await (await fetch(`${url}/v1/watcher`)).json()) as { block?: number }).block ?? 0;
  }
}

async function newestBlock(rpcUrl: string): Promise<number> {
  const provider = new JsonRpcProvider(rpcUrl);
  try {
    return await provider.getBlockNumber();
  } finally {
    provider.destroy();
  }
}
