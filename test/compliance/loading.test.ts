import { readFile } from "node:fs/promises";
import { expect } from "chai";
import { createProver, type Groth16Backend, snarkjsBackend } from "../../src/compliance/index.ts";
import { CheckError, InputError, UnavailableError } from "../../src/core/errors.ts";
import { compileCircuit } from "../../src/setup/index.ts";
import { small } from "../setup/support/small.ts";
import { type Artifacts, artifacts, inputsOf } from "./support/artifacts.ts";

describe("Loading a prover", function () {
  this.timeout(300_000);
  let given: Artifacts;
  before(async () => {
    given = await artifacts();
  });

  async function refusal(run: Promise<unknown>): Promise<Error> {
    const outcome = await run.then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!(outcome instanceof Error)) throw new Error("nothing was refused");
    return outcome;
  }

  it("takes paths or bytes", async () => {
    const wasm = new Uint8Array(await readFile(given.wasm));
    const zkey = new Uint8Array(await readFile(given.setup.zkey));
    await using prover = await createProver({ wasm, zkey });
    const { proof, signals } = await prover.prove(inputsOf());
    expect(await prover.verify(proof, signals)).to.equal(true);
    expect(prover.backend).to.equal("snarkjs");
  });

  it("refuses a proving key that is cut short, at any length", async () => {
    const zkey = new Uint8Array(await readFile(given.setup.zkey));
    for (const length of [12, 100, 1000, zkey.length / 2, zkey.length - 1]) {
      const error = await refusal(createProver({ wasm: given.wasm, zkey: zkey.slice(0, length) }));
      expect(error, `${length} bytes`).to.be.instanceOf(CheckError);
      expect(error.message).to.match(/cut short/);
    }
  });

  it("refuses files of another kind, and says which is missing", async () => {
    const { wasm, setup } = given;
    const wrong: [options: { wasm: string; zkey: string }, kind: new (text: string) => Error][] = [
      [{ wasm, zkey: setup.verificationKeyFile }, InputError],
      [{ wasm: setup.zkey, zkey: setup.zkey }, InputError],
      [{ wasm, zkey: `${setup.zkey}.not` }, UnavailableError],
      [{ wasm: `${wasm}.not`, zkey: setup.zkey }, UnavailableError],
    ];
    for (const [options, kind] of wrong) expect(await refusal(createProver(options))).to.be.instanceOf(kind);
  });

  it("refuses to prove when key and circuit do not belong together", async () => {
    const { setup } = await small();
    await using prover = await createProver({ wasm: given.wasm, zkey: setup.zkey });
    const error = await refusal(prover.prove(inputsOf()));
    expect(error).to.be.instanceOf(CheckError);
    expect(error.message).to.match(/not of this proving key's circuit/);
  });

  it("refuses a key with another number of public signals", async () => {
    const source = new URL("../setup/fixtures/three.circom", import.meta.url).pathname;
    const { r1cs, wasm } = await compileCircuit("three", { source });
    const { newKey } = await import("../../src/setup/phase2.ts");
    const { ptau, folder } = await small();
    await newKey(r1cs, ptau, `${folder}/three.zkey`);
    const error = await refusal(createProver({ wasm, zkey: `${folder}/three.zkey` }));
    expect(error).to.be.instanceOf(InputError);
    expect(error.message).to.match(/4 public signals, got 3/);
  });

  it("takes another backend, calls it one at a time, and closes it once", async () => {
    const calls: string[] = [];
    const stock = snarkjsBackend();
    const backend: Groth16Backend = {
      name: "counting",
      load: (zkey) => stock.load(zkey),
      async prove(witness) {
        calls.push("start");
        const result = await stock.prove(witness);
        calls.push("end");
        return result;
      },
      async close() {
        calls.push("close");
        await stock.close();
      },
    };
    const prover = await createProver({ wasm: given.wasm, zkey: given.setup.zkey, backend });
    await Promise.all([prover.prove(inputsOf()), prover.prove(inputsOf())]);
    await prover.close();
    await prover.close();
    expect(calls).to.deep.equal(["start", "end", "start", "end", "close"]);
    expect(prover.backend).to.equal("counting");
  });
});
