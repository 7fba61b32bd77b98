import { aleoFault } from "../runbook/fault.ts";

export const fault = aleoFault(
  "another admin is proposed",
  `npx hardhat aleo rotate-admin --program registry --to "$(node -p 'JSON.parse(fs.readFileSync(process.env.PROOFX_KEYS + "/aleo-admin-2.json")).address')" --key aleo-admin`,
  { PROGRAM: "registry" },
  "npx hardhat aleo unpause --key aleo-admin",
);
