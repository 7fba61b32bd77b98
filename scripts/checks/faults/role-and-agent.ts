import { STRANGER, shellFault } from "../runbook/fault.ts";

export const fault = shellFault(
  "a thief is a signer, and has an agent's key",
  `npx hardhat roles grant --network "$NETWORK" --role signer --account ${STRANGER} --key admin`,
  { ROLE: "signer", ACCOUNT: STRANGER, AGENT: "a9e40000-0000-4000-8000-000000000001" },
);
