import { shellFault } from "../runbook/fault.ts";

/** A schedule by which every signer is due tomorrow, and warned of today. */
export const fault = shellFault(
  "a signer's key is due",
  `sed '/^\\[log\\]/i [keys.schedule.signers]\\nkeys = ["signer*"]\\ndays = 1\\nwarn_days = 1' "$PROOFX_CONFIG" > "$WORK/due.toml"`,
  { CONFIG: "build/runbooks/due.toml" },
);
