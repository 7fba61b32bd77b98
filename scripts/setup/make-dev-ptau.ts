import { createHash, randomBytes } from "node:crypto";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { powersOfTau } from "snarkjs";
import { DEVELOPMENT_PTAU } from "../../src/setup/index.ts";
import { withCurve } from "../../src/setup/snarkjs.ts";

/**
 * Made `ceremony/dev-powers-of-tau/dev_12.ptau`: 2^12 powers on BN254, one contribution, one beacon, prepared for phase 2.
 *
 * For development only: whoever ran it could have kept the contribution's secret, and with it forge every proof. Running
 * it again makes another file, whose hashes then go into `src/setup/ptau.ts` and into the README beside the file.
 * Takes about two minutes on two cores.
 */
const POWER = 12;
/** A development beacon need not be unpredictable. */
const BEACON = createHash("sha256").update("ProofX development powers of tau").digest("hex");
const BEACON_ITERATIONS_EXP = 10;

const work = mkdtempSync(join(tmpdir(), "proofx-ptau-"));
try {
  await withCurve(make);
} finally {
  rmSync(work, { recursive: true, force: true });
}

async function make(curve: unknown): Promise<void> {
  const [fresh, contributed, ended, prepared] = ["0", "1", "2", "3"].map((name) => join(work, name));
  const entropy = randomBytes(64).toString("hex");
  await step("new", () => powersOfTau.newAccumulator(curve, POWER, fresh));
  await step("contribute", () => powersOfTau.contribute(fresh, contributed, "development", entropy));
  await step("beacon", () =>
    powersOfTau.beacon(contributed, ended, "development beacon", BEACON, BEACON_ITERATIONS_EXP),
  );
  await step("prepare phase 2", () => powersOfTau.preparePhase2(ended, prepared));
  const bytes = readFileSync(prepared ?? "");
  copyFileSync(prepared ?? "", DEVELOPMENT_PTAU);
  console.log(`bytes    ${bytes.length}`);
  console.log(`SHA-256  ${createHash("sha256").update(bytes).digest("hex")}`);
  console.log(`BLAKE2b  ${createHash("blake2b512").update(bytes).digest("hex")}`);
}

async function step(name: string, run: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  await run();
  console.log(`${name}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
}
