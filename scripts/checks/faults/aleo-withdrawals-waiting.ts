import { aleoFault } from "../runbook/fault.ts";

export const fault = aleoFault(
  "the wait of a withdrawal is over",
  `npx hardhat aleo execute request_withdrawal 7 1000 1 --key aleo-admin
  npx hardhat aleo advance --blocks 20`,
);
