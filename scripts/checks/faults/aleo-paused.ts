import { aleoFault } from "../runbook/fault.ts";

export const fault = aleoFault("both programs are paused", `npx hardhat aleo pause --key aleo-admin`);
