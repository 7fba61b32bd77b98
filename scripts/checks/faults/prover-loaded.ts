import type { Fault } from "../runbook/fault.ts";
import { LoadedProver } from "../runbook/loaded-prover.ts";

let prover: LoadedProver | undefined;

export const fault: Fault = {
  what: "a prover with one processor is asked for more than it can do, and for what is not so, and then starved",
  beside: true,
  async before(stage) {
    prover = await LoadedProver.start(stage);
  },
  async inject(stage) {
    await prover?.load(stage);
    return {};
  },
  async clear() {
    await prover?.stop();
  },
};
