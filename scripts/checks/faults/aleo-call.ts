import { aleoFault } from "../runbook/fault.ts";

export const fault = aleoFault("a call is urgent", `true`, { CALL: "increase_stake 7 500" });
