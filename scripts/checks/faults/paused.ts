import { shellFault } from "../runbook/fault.ts";

export const fault = shellFault(
  "a guardian pauses",
  'npx hardhat pause --network "$NETWORK" --key guardian',
  {},
  'npx hardhat guardian re-arm --network "$NETWORK" --guardian "$GUARDIAN" --key admin',
);
