import type { Fault } from "../runbook/fault.ts";
import { STATE_INPUTS } from "../runbook/state-watcher.ts";
import { type StuckNode, startStuckNode } from "../runbook/stuck-node.ts";

let node: StuckNode | undefined;

export const fault: Fault = {
  what: "the third of three RPC endpoints stands still at block 1",
  async inject({ env }) {
    node = await startStuckNode(env.RPC ?? "");
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
