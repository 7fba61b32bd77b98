import { toInputTexts } from "../../src/services/prover/inputs.ts";
import { warmUpInputs } from "../../src/services/prover/warm-up.ts";

// What a prover is asked in a rehearsal, as JSON: the made-up statement that it warms up with, and the same with another amount
// than the one that was committed to, which cannot be proved.
const inputs = toInputTexts(warmUpInputs());
const requestOf = (asked: object): string => JSON.stringify({ circuitVersion: 1, inputs: asked });
console.log(
  JSON.stringify({
    possible: requestOf(inputs),
    impossible: requestOf({ ...inputs, amounts: ["7", "1", "0", "0"] }),
  }),
);
