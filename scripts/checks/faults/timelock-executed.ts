import { STRANGER, shellFault } from "../runbook/fault.ts";

export const fault = shellFault(
  "a stranger becomes a proposer by the timelock",
  `npx hardhat roles grant --network "$NETWORK" --role proposer --account ${STRANGER} --schedule --wait --key admin`,
  { ROLE: "proposer", ACCOUNT: STRANGER },
);
