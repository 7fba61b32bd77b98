import { shellFault } from "../runbook/fault.ts";

export const fault = shellFault(
  "something is attested that must not be",
  "true",
  {},
  'npx hardhat guardian re-arm --network "$NETWORK" --guardian "$GUARDIAN" --key admin',
);
