import { aleoFault } from "../runbook/fault.ts";

export const fault = aleoFault(
  "limits that no ledger keeps",
  `sed 's/^\\[aleo\\]$/[aleo.alerts]\nresponse_time = 1\nconfirmation_time = 1\n\n[aleo]/' "$PROOFX_CONFIG" > "$WORK/impatient.toml"`,
  { PROOFX_CONFIG: "build/runbooks/impatient.toml" },
);
