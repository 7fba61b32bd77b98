import { aleoFault } from "../runbook/fault.ts";

export const fault = aleoFault(
  "somebody takes credits out",
  `npx hardhat aleo execute request_withdrawal 7 1000 2 --key aleo-admin`,
  {},
  "npx hardhat aleo unpause --key aleo-admin",
);
