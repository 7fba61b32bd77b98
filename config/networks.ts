import { existsSync, readFileSync } from "node:fs";
import { configVariable } from "hardhat/config";
import type { NetworkUserConfig } from "hardhat/types/config";

/** Written by `npm start`, removed when its chain stops: where the story's chain listens. */
const STORY_STACK = "build/story/stack.json";

function storyUrl(): string {
  if (!existsSync(STORY_STACK)) return "http://127.0.0.1:8545";
  return (JSON.parse(readFileSync(STORY_STACK, "utf8")) as { rpcUrl: string }).rpcUrl;
}

/**
 * Networks the tasks can name with `--network`.
 *
 * URLs of public networks carry API keys, so they come from Hardhat's encrypted keystore
 * (`npx hardhat keystore set SEPOLIA_RPC_URL`) or the environment, never from a file here.
 */
export const networks: Record<string, NetworkUserConfig> = {
  local: { type: "http", chainType: "l1", url: process.env.PROOFX_LOCAL_RPC_URL ?? "http://127.0.0.1:8545" },
  story: { type: "http", chainType: "l1", url: storyUrl() },
  sepolia: { type: "http", chainType: "l1", chainId: 11155111, url: configVariable("SEPOLIA_RPC_URL") },
  amoy: { type: "http", chainType: "generic", chainId: 80002, url: configVariable("AMOY_RPC_URL") },
  mainnet: { type: "http", chainType: "l1", chainId: 1, url: configVariable("MAINNET_RPC_URL") },
};
