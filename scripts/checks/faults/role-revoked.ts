import { shellFault } from "../runbook/fault.ts";

export const fault = shellFault(
  "the signer loses its role",
  'npx hardhat roles revoke --network "$NETWORK" --role signer --account "$SIGNER" --key admin',
  { ACCOUNT: "@signer", ROLE: "signer" },
);
