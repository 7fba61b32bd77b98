import { STRANGER, shellFault } from "../runbook/fault.ts";

export const fault = shellFault(
  "an account that nobody knows is made a signer",
  `npx hardhat roles grant --network "$NETWORK" --role signer --account ${STRANGER} --key admin`,
  { ACCOUNT: STRANGER, ROLE: "signer" },
);
