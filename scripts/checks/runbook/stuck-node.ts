import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** An RPC endpoint that stands still at block 1, and hands everything else on to the real one. */
export interface StuckNode {
  readonly url: string;
  close(): void;
}

/** @param upstream URL of the real one. */
export async function startStuckNode(upstream: string): Promise<StuckNode> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const { id, method } = JSON.parse(body) as { id?: unknown; method?: string };
    response.setHeader("content-type", "application/json");
    if (method === "eth_blockNumber") {
      response.end(JSON.stringify({ jsonrpc: "2.0", id, result: "0x1" }));
      return;
    }
    const headers = { "content-type": "application/json" };
    const answer = await fetch(upstream, { method: "POST", body, headers }).catch(() => undefined);
    if (answer === undefined) response.destroy();
    else response.end(await answer.text());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
