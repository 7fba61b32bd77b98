import { shellFault } from "../runbook/fault.ts";

export const fault = shellFault("a deployment did not end", "true", { ACCOUNT: "@deployer" });
