import { aleoFault } from "../runbook/fault.ts";

export const fault = aleoFault(
  "limits that no ledger keeps",
  `cp "$PROOFX_CONFIG" "$WORK/impatient.toml"
  printf '[aleo.alerts]\\nconfirmation_time = 1\\n' >> "$WORK/impatient.toml"`,
  { PROOFX_CONFIG: "build/runbooks/impatient.toml" },
);
