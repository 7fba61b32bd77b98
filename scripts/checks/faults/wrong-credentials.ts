import { type Fault, shellFault } from "../runbook/fault.ts";

export const fault: Fault = {
  ...shellFault(
    "somebody tries credentials that are none",
    'for i in $(seq 12); do curl -sS -o /dev/null -H "authorization: Bearer px_live_nobody" "$SEQUENCER/v1/stores"; done',
  ),
  beside: true,
  alertLabels: { service: "sequencer" },
};
