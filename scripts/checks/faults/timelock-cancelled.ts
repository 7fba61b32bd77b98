import { STRANGER, shellFault } from "../runbook/fault.ts";

export const fault = shellFault(
  "an operation of the timelock is cancelled",
  `npx hardhat roles grant --network "$NETWORK" --role executor --account ${STRANGER} --schedule --key admin
npx hardhat upgrade cancel --network "$NETWORK" --key admin`,
);
