import { shellFault } from "../runbook/fault.ts";

export const fault = shellFault(
  "a guardian pauses",
  'npx hardhat pause --network "$NETWORK" --key guardian',
  {},
  'npx hardhat guardian re-arm --network "$NETWORK" --guardian "$(npx hardhat keys list --json | node -p \'JSON.parse(require("fs").readFileSync(0)).keys.find((key) => key.name === "guardian").address\')" --key admin',
);
