import { STRANGER, shellFault } from "../runbook/fault.ts";

export const fault = shellFault(
  "what a signer vouched for is voided",
  `npx hardhat distrust --network "$NETWORK" --signer ${STRANGER} --since block:1 --key admin`,
  { SIGNER: STRANGER },
);
