import { type Fault, shellFault } from "../runbook/fault.ts";

export const fault: Fault = {
  ...shellFault(
    "events come in whose signatures are not their agents'",
    "node scripts/planted/many-events.ts --count 12 --forged",
  ),
  beside: true,
};
