import { aleoFault } from "../runbook/fault.ts";

export const fault = aleoFault(
  "callers send what the ledger rejects",
  `COUNT=$(npx hardhat aleo activity --from-block 0 | grep -oE '^[0-9]+ transactions' | cut -d' ' -f1)
  for i in $(seq $((COUNT < 8 ? 10 - COUNT : 2))); do
    npx hardhat aleo execute increase_stake 999 5 --send-anyway --key aleo-admin || [ $? = 1 ]
  done`,
);
