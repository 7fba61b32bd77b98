import { STRANGER, shellFault } from "../runbook/fault.ts";

export const fault = shellFault(
  "a scheduled grant has waited its time",
  `npx hardhat roles grant --network "$NETWORK" --role canceller --account ${STRANGER} --schedule --key admin
sleep 3`,
  {},
  `npx hardhat roles revoke --network "$NETWORK" --role canceller --account ${STRANGER} --schedule --wait --key admin`,
);
