import { type Fault, STRANGER, shellFault } from "../runbook/fault.ts";

const scheduled = shellFault(
  "a scheduled grant has waited its time",
  `npx hardhat roles grant --network "$NETWORK" --role canceller --account ${STRANGER} --schedule --key admin
sleep 3`,
  {},
  `npx hardhat roles revoke --network "$NETWORK" --role canceller --account ${STRANGER} --schedule --wait --key admin`,
);

export const fault: Fault = {
  ...scheduled,
  async inject(stage) {
    const inputs = await scheduled.inject(stage);
    // This chain's time stands still between transactions.
    await stage.chain.rpc("evm_mine");
    return inputs;
  },
  watched: () => ({}),
};
