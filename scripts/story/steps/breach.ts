import { join } from "node:path";
import { EXIT } from "../../../src/core/errors.ts";
import { PATHS, type StoryStep } from "../context.ts";
import { proveOptions } from "./prove.ts";

interface RefusalJson {
  readonly error: string;
  readonly message: string;
}

export const breach: StoryStep = {
  id: "breach",
  title: "A breach cannot be proved: the payment of 15,000 against the threshold",
  expected: { first: 2, again: 2 },
  code: ["src/core/facts/policy.ts", "circuits/templates/compliance.circom"],
  async run({ task, facts }) {
    const out = join(PATHS.work, "breach.proof.json");
    const options = proveOptions(facts, "large-payment", "aml-threshold", out);
    // The task explains the breach before it proves; told not to look, the circuit itself has no witness for it.
    const [refused, forced] = await Promise.all([
      task<RefusalJson>(["prove"], options, EXIT.failed),
      task<RefusalJson>(["prove"], { ...options, force: true }, EXIT.failed),
    ]);
    facts.breach = { explained: refused.message, circuit: forced.message };
    return {
      result: "Refused twice: by the rule in plain, and, told not to look, by the circuit",
      inputs: { event: facts.events["large-payment"]?.eventId, policy: "aml-threshold" },
      outputs: { "the task says": refused.message, "the circuit says": forced.message },
    };
  },
};
