import { aleoFault } from "../runbook/fault.ts";

export const fault = aleoFault(
  "a slash of an agent's stake is proposed",
  `npx hardhat aleo execute propose_slash 1 7 1000 1 --key aleo-admin`,
  { SLASH: "1" },
  "npx hardhat aleo unpause --key aleo-admin",
);
