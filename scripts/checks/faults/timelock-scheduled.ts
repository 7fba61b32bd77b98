import { STRANGER, shellFault } from "../runbook/fault.ts";

export const fault = shellFault(
  "a role of the timelock is to go to a stranger",
  `npx hardhat roles grant --network "$NETWORK" --role proposer --account ${STRANGER} --schedule --key admin`,
);
