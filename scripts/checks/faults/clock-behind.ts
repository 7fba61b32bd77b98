import type { Fault } from "../runbook/fault.ts";
import { STATE_INPUTS } from "../runbook/state-watcher.ts";
import { startTimeServer, type TimeServer } from "../runbook/time-server.ts";

const BEHIND = 900;

let server: TimeServer | undefined;

export const fault: Fault = {
  what: "this machine's clock is a quarter of an hour behind the chain's and a time server's",
  late: true,
  async inject({ chain }) {
    await chain.passTime(BEHIND);
    server = await startTimeServer(BEHIND);
    return STATE_INPUTS;
  },
  watched: () => ({ health: `time_servers = ["${server?.address}"]` }),
  async clear() {
    server?.close();
  },
};
