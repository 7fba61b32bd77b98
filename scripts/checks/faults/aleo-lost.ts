import { aleoFault } from "../runbook/fault.ts";

export const fault = aleoFault(
  "the programs are given up; who deploys them anew has the money for it",
  "npx hardhat aleo faucet --key aleo-admin",
);
