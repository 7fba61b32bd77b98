import type { Fault } from "../runbook/fault.ts";

export const fault: Fault = {
  what: "the timelock waits one second instead of two",
  async inject({ chain, addresses: { timelock = "" } }) {
    await chain.send(timelock, timelock, "updateDelay(uint256)", 1);
    return {};
  },
  async clear({ chain, addresses: { timelock = "" } }) {
    await chain.send(timelock, timelock, "updateDelay(uint256)", 2);
  },
};
