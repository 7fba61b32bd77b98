import type { Fault } from "../runbook/fault.ts";

export const fault: Fault = {
  what: "a prover is asked for a proof of what is not so",
  async inject(stage) {
    await stage.service("prover");
    await stage.sh(`curl -sS "$PROVER/v1/proofs" --json '{"circuitVersion":1,"inputs":{}}' -o /dev/null`);
    return {};
  },
};
