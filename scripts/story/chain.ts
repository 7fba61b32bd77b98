import { rmSync } from "node:fs";
import { network } from "hardhat";
import { writeFileDurably } from "../../src/chain/files.ts";
import { PATHS } from "./context.ts";

/** The story's chain: a real EVM node in this process, so that it cannot outlive the story, however that ends. */
export interface StoryChain {
  readonly rpcUrl: string;
  close(): Promise<void>;
}

/** Starts the chain on a free port of the loopback interface and tells the tasks (`--network story`) where it is. */
export async function startChain(): Promise<StoryChain> {
  const server = await network.createServer({ network: "default" }, "127.0.0.1", 0);
  const { address, port } = await server.listen();
  const rpcUrl = `http://${address}:${port}`;
  writeFileDurably(PATHS.stack, `${JSON.stringify({ rpcUrl, pid: process.pid })}\n`);
  return {
    rpcUrl,
    close: async () => {
      rmSync(PATHS.stack, { force: true });
      await server.close();
    },
  };
}
