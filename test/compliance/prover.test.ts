import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import * as snarkjs from "snarkjs";
import { createProver, type ProvedStatement, type Prover } from "../../src/compliance/index.ts";
import { CheckError, InputError, UnavailableError } from "../../src/core/errors.ts";
import { type CircuitInputs, policyHash } from "../../src/core/facts/index.ts";
import { type Artifacts, artifacts, FACTS, inputsOf, POLICY } from "./support/artifacts.ts";

const PROVE_ONCE = fileURLToPath(new URL("./support/prove-once.ts", import.meta.url));

describe("The prover", function () {
  this.timeout(300_000);
  let given: Artifacts;
  let prover: Prover;
  let proved: ProvedStatement;
  before(async () => {
    given = await artifacts();
    prover = await createProver({ wasm: given.wasm, zkey: given.setup.zkey });
    proved = await prover.prove(inputsOf());
  });
  after(() => prover.close());

  async function refusal(run: Promise<unknown>): Promise<Error> {
    const outcome = await run.then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!(outcome instanceof Error)) throw new Error("nothing was refused");
    return outcome;
  }

  describe("proves", () => {
    it("so that stock snarkjs accepts it", async () => {
      const key = JSON.parse(await readFile(given.setup.verificationKeyFile, "utf8"));
      expect(await snarkjs.groth16.verify(key, [...proved.signals], proved.proof)).to.equal(true);
    });

    it("about the inputs' public signals, by name and in order", () => {
      const { factsRoot, subject, context } = inputsOf();
      const expected = { factsRoot, policyHash: policyHash(POLICY), subject, context };
      expect(proved.publicSignals).to.deep.equal(expected);
      expect(proved.signals).to.deep.equal(Object.values(expected).map(String));
    });

    it("a statement another time with another proof: nothing may be keyed on a proof's bytes", async () => {
      const again = await prover.prove(inputsOf());
      expect(again.signals).to.deep.equal(proved.signals);
      expect(again.proof).not.to.deep.equal(proved.proof);
    });

    it("calls made at once, each with its own result, and goes on after one that fails", async () => {
      const contexts = [1n, 2n, 3n, 4n];
      const good = contexts.map((context) => prover.prove(inputsOf({ context })));
      const bad = refusal(prover.prove(inputsOf({ policy: { lower: 790_000_000n } })));
      const last = prover.prove(inputsOf({ context: 5n }));
      const results = [...(await Promise.all(good)), await last];
      expect(results.map(({ publicSignals }) => publicSignals.context)).to.deep.equal([...contexts, 5n]);
      for (const { proof, signals } of results) expect(await prover.verify(proof, signals)).to.equal(true);
      expect(await bad).to.be.instanceOf(CheckError);
    });

    it("and says where the time went", () => {
      const { queued, witness, proof, total } = proved.timings;
      expect(Math.min(queued, witness, proof)).to.be.at.least(0);
      expect(queued + witness + proof).to.be.closeTo(total, 1);
    });
  });

  describe("refuses what is not so", () => {
    const inputs = inputsOf();
    const unsatisfied: [what: string, inputs: CircuitInputs][] = [
      ["a sum below the lower bound", inputsOf({ policy: { lower: 759_001_123n } })],
      ["a sum above the upper bound", inputsOf({ policy: { upper: 759_001_121n } })],
      ["a category outside the mask", inputsOf({ policy: { categoryMask: 1n << 8n } })],
      [
        "an amount that was not committed",
        { ...inputs, amounts: [871_234_568n, ...inputs.amounts.slice(1)] },
      ],
      ["a facts root of another batch", { ...inputs, factsRoot: 1n }],
      ["an edited policy hash", { ...inputs, policyHash: 1n }],
      ["another agent's subject", { ...inputs, subject: 1n }],
      ["another sequence", { ...inputs, sequence: 1n }],
    ];
    for (const [what, wrong] of unsatisfied) {
      it(`${what}: names the constraint, tells no value`, async () => {
        const error = await refusal(prover.prove(wrong));
        expect(error).to.be.instanceOf(CheckError);
        expect(error.message).to.match(/^the inputs do not satisfy the circuit: .*template/);
        expectNoValues(error);
      });
    }

    it("inputs that are missing, unknown, too many or no field elements: names the signal, tells no value", async () => {
      const { salt: _, ...withoutSalt } = inputs;
      const malformed: [name: string, inputs: object][] = [
        ["Not all inputs", withoutSalt],
        ["surprise", { ...inputs, surprise: 871_234_567n }],
        ["amounts", { ...inputs, amounts: [871_234_567n] }],
        ["salt", { ...inputs, salt: "998877665544 or so" }],
        ["salt", { ...inputs, salt: 998_877_665_544 }],
        ["lower", { ...inputs, lower: -871_234_567n }],
        ["category", { ...inputs, category: 2n ** 256n + 998_877_665_544n }],
        ["children", { ...inputs, children: [[undefined]] }],
      ];
      for (const [name, wrong] of malformed) {
        const error = await refusal(prover.prove(wrong as CircuitInputs));
        expect(error, name).to.be.instanceOf(InputError);
        expect(error.message).to.include(name);
        expectNoValues(error);
      }
    });

    it("without a word on the console", async () => {
      const printed: unknown[] = [];
      const { log, error } = console;
      console.log = console.error = (...words: unknown[]) => printed.push(words);
      try {
        await refusal(prover.prove(inputsOf({ policy: { lower: 790_000_000n } })));
      } finally {
        Object.assign(console, { log, error });
      }
      expect(printed).to.deep.equal([]);
    });

    function expectNoValues(error: Error): void {
      const text = `${error.message} ${error.stack} ${String(error.cause)}`;
      for (const secret of [...FACTS.amounts.slice(0, 2), FACTS.salt])
        expect(text).not.to.include(`${secret}`);
    }
  });

  describe("verifies", () => {
    it("its own proofs, with signals by name or in order", async () => {
      expect(await prover.verify(proved.proof, proved.signals)).to.equal(true);
      expect(await prover.verify(proved.proof, proved.publicSignals)).to.equal(true);
    });

    it("no proof for any other signal", async () => {
      for (const name of ["factsRoot", "policyHash", "subject", "context"] as const) {
        const signals = { ...proved.publicSignals, [name]: proved.publicSignals[name] + 1n };
        expect(await prover.verify(proved.proof, signals), name).to.equal(false);
      }
    });

    it("no proof with parts of another, or with points off the curve", async () => {
      const other = await prover.prove(inputsOf({ context: 9n }));
      const [x, y] = proved.proof.pi_a;
      const wrong = [
        other.proof,
        { ...proved.proof, pi_c: other.proof.pi_c },
        { ...proved.proof, pi_a: [y, x, "1"] },
        { ...proved.proof, pi_a: ["0", "0", "1"] },
      ];
      for (const proof of wrong) expect(await prover.verify(proof, proved.signals)).to.equal(false);
    });

    it("no signal given above the field's order, which would be the same number to the curve", async () => {
      const order = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
      const signals = proved.signals.map((signal, i) => (i === 3 ? `${BigInt(signal) + order}` : signal));
      expect(await refusal(prover.verify(proved.proof, signals))).to.be.instanceOf(InputError);
    });

    it("no list of signals that is short, long or no numbers", async () => {
      for (const signals of [
        [],
        proved.signals.slice(1),
        [...proved.signals, "1"],
        ["a", "b", "c", "d"],
        ["-1", "1", "1", "1"],
      ]) {
        expect(await refusal(prover.verify(proved.proof, signals))).to.be.instanceOf(InputError);
      }
    });
  });

  describe("closes", () => {
    it("after the calls under way, for good, and any number of times", async () => {
      const second = await createProver({ wasm: given.wasm, zkey: given.setup.zkey });
      const underWay = second.prove(inputsOf());
      await Promise.all([second.close(), second.close()]);
      expect((await underWay).signals).to.deep.equal(proved.signals);
      expect(await refusal(second.prove(inputsOf()))).to.be.instanceOf(UnavailableError);
      expect(await refusal(second.verify(proved.proof, proved.signals))).to.be.instanceOf(UnavailableError);
    });

    it("without taking the worker threads from another prover that is at work", async () => {
      const second = await createProver({ wasm: given.wasm, zkey: given.setup.zkey });
      const atWork = prover.prove(inputsOf());
      // Past the witness and well inside the proof, which takes several hundred milliseconds.
      await setTimeout(150);
      await second.close();
      expect((await atWork).signals).to.deep.equal(proved.signals);
    });

    it("so that the process ends by itself", async () => {
      const { stdout } = await promisify(execFile)(process.execPath, [PROVE_ONCE], { timeout: 120_000 });
      expect(stdout.trim()).to.equal("true");
    });
  });
});
