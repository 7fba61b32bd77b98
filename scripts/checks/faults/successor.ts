import { shellFault } from "../runbook/fault.ts";

export const fault = shellFault("other people are to be the admin", "true", { ACCOUNT: "@thief" });
