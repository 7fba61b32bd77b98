import { aleoFault } from "../runbook/fault.ts";

export const fault = aleoFault(
  "a new edition of the registry is approved",
  `npx hardhat aleo execute approve_upgrade 0x$(printf "%064d" 7) --program registry --key aleo-admin`,
  { PROGRAM: "registry" },
  "npx hardhat aleo unpause --key aleo-admin",
);
