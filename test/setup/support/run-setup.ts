import { writeSync } from "node:fs";
import { ensureSetup } from "../../../src/setup/index.ts";

/**
 * One setup run as a process: `run-setup.ts R1CS PTAU FOLDER [STEP]`. Prints steps, then `made|cached HASH`.
 *
 * At STEP it stands still for ever, to be killed there.
 */
const [r1cs = "", ptau = "", folder = "", stopAt] = process.argv.slice(2);
const setup = await ensureSetup({
  circuit: { name: "small", r1cs },
  ptau,
  folder,
  acceptUnknownPtau: true,
  onProgress: ({ step }) => {
    writeSync(1, `step ${step}\n`);
    if (step === stopAt) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
});
console.log(`${setup.cached ? "cached" : "made"} ${setup.verificationKeyHash}`);
