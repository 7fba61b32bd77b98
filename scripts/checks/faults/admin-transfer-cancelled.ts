import { shellFault } from "../runbook/fault.ts";

export const fault = shellFault(
  "a transfer of the default admin is begun and called off",
  `npx hardhat roles transfer-admin --network "$NETWORK" --to "$THIEF" --key admin
npx hardhat roles transfer-admin --network "$NETWORK" --cancel --key admin`,
);
