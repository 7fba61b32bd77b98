import { shellFault } from "../runbook/fault.ts";

export const fault = shellFault(
  "the admin pauses and ends the pause",
  `npx hardhat pause --network "$NETWORK" --key admin
npx hardhat unpause --network "$NETWORK" --key admin`,
  {},
  'npx hardhat unpause --network "$NETWORK" --key admin',
);
