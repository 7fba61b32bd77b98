import { shellFault } from "../runbook/fault.ts";

export const fault = shellFault(
  "the default admin is to be handed to a thief",
  'npx hardhat roles transfer-admin --network "$NETWORK" --to "$THIEF" --key admin',
  { ACCOUNT: "@thief" },
);
