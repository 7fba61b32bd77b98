import type { Fault } from "../runbook/fault.ts";
import type { LoopbackServer } from "../runbook/loopback.ts";
import { startRpcFront } from "../runbook/rpc-front.ts";
import { STATE_INPUTS } from "../runbook/state-watcher.ts";

let node: LoopbackServer | undefined;

export const fault: Fault = {
  what: "the third of three RPC endpoints stands still at block 1",
  async inject({ env }) {
    node = await startRpcFront(env.RPC ?? "", ({ method }) =>
      method === "eth_blockNumber" ? "0x1" : undefined,
    );
    return STATE_INPUTS;
  },
  // The stage has one node: by its other name it is the second of the quorum.
  watched: ({ env: { RPC = "" } }) => ({
    replace: { rpc_urls: JSON.stringify([RPC, RPC.replace("127.0.0.1", "localhost"), node?.url]) },
  }),
  async clear() {
    node?.close();
  },
};
