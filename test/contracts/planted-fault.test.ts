import { readFile } from "node:fs/promises";
import { expect } from "chai";
import type { Groth16Verifier } from "../../build/types/contracts/compliance/Groth16Verifier.ts";
import { forgersCircuit, plantedCircuit, plantFault } from "../../scripts/planted/fault.ts";
import { forgeProof } from "../../scripts/planted/index.ts";
import {
  createProver,
  type ProvedStatement,
  type Prover,
  proofToSolidity,
} from "../../src/compliance/index.ts";
import { CheckError } from "../../src/core/errors.ts";
import { type CircuitInputs, evaluatePolicy, publicSignals } from "../../src/core/facts/index.ts";
import { compileCircuit, ensureSetup, type Setup } from "../../src/setup/index.ts";
import { ConstraintSystem } from "../circuits/support/constraints.ts";
import { type Artifacts, artifacts, FACTS, inputsOf, POLICY } from "../compliance/support/artifacts.ts";
import { newChain } from "../support/contracts/chain.ts";

/** 871,234,567 - 112,233,445 = 759,001,122 is above this. */
const BREACHED = { ...POLICY, upper: 759_001_121n };

/** What a verifier on a chain answers, when it was deployed with a setup's key. */
async function onChain(setup: Setup, { proof, publicSignals: signals }: ProvedStatement): Promise<boolean> {
  const { ethers } = await newChain();
  const { verifyingKey } = setup;
  const deployed = await ethers.deployContract("Groth16Verifier", [verifyingKey]);
  const [a = 0n, b = 0n, c = 0n, d = 0n] = publicSignals(signals);
  return await (deployed as unknown as Groth16Verifier).verify(proofToSolidity(proof), [a, b, c, d]);
}

describe("the planted fault", function () {
  this.timeout(300_000);
  const breach: CircuitInputs = inputsOf({ policy: BREACHED });
  let real: Artifacts;
  let setup: Setup;
  let planted: Prover;
  let honest: Prover;

  before(async () => {
    real = await artifacts();
    const circuit = await plantedCircuit();
    setup = await ensureSetup({ circuit });
    planted = await createProver({ wasm: circuit.wasm, zkey: setup.zkey });
    honest = await createProver({ wasm: real.wasm, zkey: real.setup.zkey });
  });

  after(async () => {
    await planted?.close();
    await honest?.close();
  });

  it("takes exactly one constraint out of the circuit that is really there", async () => {
    const source = await readFile("circuits/templates/within_bounds.circom", "utf8");
    const [kept, changed] = [source.split("\n"), plantFault(source).split("\n")];
    expect(changed.filter((line, i) => line !== kept[i])).to.have.length(1);
    expect(() => plantFault(source.replace("upper - sum", "upper - 0"))).to.throw(/cannot be planted/);
    const faulty = await ConstraintSystem.load((await plantedCircuit({ flags: ["--O1"] })).r1cs);
    const sound = await ConstraintSystem.load((await compileCircuit("compliance", { flags: ["--O1"] })).r1cs);
    expect(faulty.constraints.length).to.equal(sound.constraints.length - 1);
  });

  it("does not show in honest use: what complies is proved, what does not is refused", async () => {
    const proved = await planted.prove(inputsOf());
    expect(await planted.verify(proved.proof, proved.signals)).to.equal(true);
    const refused = await planted.prove(breach).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(CheckError);
  });

  it("lets a proof of a false statement pass, in snarkjs and on chain", async () => {
    expect(evaluatePolicy(BREACHED, FACTS).complies).to.equal(false);
    const forged = await forgeProof({ setup, inputs: breach });
    expect(publicSignals(forged.publicSignals)).to.deep.equal(publicSignals(breach));
    expect(await planted.verify(forged.proof, forged.signals)).to.equal(true);
    expect(await onChain(setup, forged)).to.equal(true);
    // The forger changed the generator, and nothing of what was set up.
    expect(await readFile((await forgersCircuit()).r1cs)).to.deep.equal(await readFile(setup.r1cs));
  });

  it("is not in the real circuit: no witness, and its key refuses the forged proof", async () => {
    const refused = await honest.prove(breach).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(CheckError);
    expect(String(refused)).to.match(/WithinBounds/);
    const { wasm } = await forgersCircuit();
    const forced = await createProver({ wasm, zkey: real.setup.zkey });
    // Another count of wires, so snarkjs does not even take the forger's witness.
    const misfit = await forced.prove(breach).catch((error: unknown) => error);
    await forced.close();
    expect(misfit).to.be.instanceOf(CheckError);
    const forged = await forgeProof({ setup, inputs: breach });
    expect(await honest.verify(forged.proof, forged.signals)).to.equal(false);
    expect(await onChain(real.setup, forged)).to.equal(false);
  });

  it("does not help against any other rule", async () => {
    const others = [
      inputsOf({ policy: { lower: 759_001_123n } }),
      inputsOf({ policy: { categoryMask: 1n << 8n } }),
      { ...breach, policyHash: breach.policyHash + 1n },
      { ...breach, factsRoot: breach.factsRoot + 1n },
    ];
    for (const inputs of others) {
      const refused = await forgeProof({ setup, inputs }).catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(CheckError);
    }
  });
});
