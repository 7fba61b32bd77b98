import { aleoFault } from "../runbook/fault.ts";

/** As many as make ten transactions, of fewer than which nothing is judged; the limit is low, for other pages send what is accepted. */
export const fault = aleoFault(
  "callers send what the ledger rejects",
  `cp "$PROOFX_CONFIG" "$WORK/strict.toml"
  printf '[aleo.alerts]\\nfailure_rate = 0.001\\n' >> "$WORK/strict.toml"
  COUNT=$(npx hardhat aleo activity --from-block 0 | grep -oE '^[0-9]+ transactions' | cut -d' ' -f1)
  for i in $(seq $((COUNT < 8 ? 10 - COUNT : 2))); do
    npx hardhat aleo execute increase_stake 999 5 --send-anyway --key aleo-admin || [ $? = 1 ]
  done`,
  { PROOFX_CONFIG: "build/runbooks/strict.toml" },
);
