import { aleoFault } from "../runbook/fault.ts";

export const fault = aleoFault("a program's migration is open", `true`, { PROGRAM: "verifier" });
