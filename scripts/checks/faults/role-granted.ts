import { shellFault } from "../runbook/fault.ts";

const STRANGER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

export const fault = shellFault(
  "an account that nobody knows is made a signer",
  `npx hardhat roles grant --network "$NETWORK" --role signer --account ${STRANGER} --key admin`,
  { ACCOUNT: STRANGER, ROLE: "signer" },
);
