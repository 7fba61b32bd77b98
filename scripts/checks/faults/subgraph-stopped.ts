import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Fault } from "../runbook/fault.ts";

/** What a graph-node answers of a subgraph that stopped at its first block: a real one takes minutes, and its own test has it. */
const STOPPED = JSON.stringify({
  data: { _meta: { hasIndexingErrors: false, block: { number: 1, hash: `0x${"01".repeat(32)}` } } },
});

let server: Server | undefined;
let url = "";

export const fault: Fault = {
  what: "a subgraph stands still at block 1",
  async inject({ chain }) {
    await chain.rpc("hardhat_mine", "0x20");
    const listening = createServer((request, response) => {
      request.resume();
      response.setHeader("content-type", "application/json").end(STOPPED);
    });
    server = listening;
    await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
    return { SUBGRAPH: url };
  },
  watched: () => ({ health: `subgraph = "${url}"` }),
  async clear() {
    server?.closeAllConnections();
    server?.close();
  },
};
