import { type Fault, STRANGER } from "../runbook/fault.ts";

export const fault: Fault = {
  what: "the timelock waits one second instead of two, and something waits in it",
  async inject({ chain, sh, addresses: { timelock = "" } }) {
    await sh(
      `npx hardhat roles grant --network "$NETWORK" --role proposer --account ${STRANGER} --schedule --key admin`,
    );
    await chain.send(timelock, timelock, "updateDelay(uint256)", 1);
    return {};
  },
  async clear({ chain, addresses: { timelock = "" } }) {
    await chain.send(timelock, timelock, "updateDelay(uint256)", 2);
  },
};
