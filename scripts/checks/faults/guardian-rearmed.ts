import { shellFault } from "../runbook/fault.ts";

export const fault = shellFault(
  "a guardian that paused may pause once more",
  `npx hardhat pause --network "$NETWORK" --key guardian
npx hardhat unpause --network "$NETWORK" --key admin
npx hardhat guardian re-arm --network "$NETWORK" --guardian "$GUARDIAN" --key admin`,
  { GUARDIAN: "@guardian" },
);
