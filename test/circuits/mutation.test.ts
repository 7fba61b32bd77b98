import { expect } from "chai";
import { type Inputs, loadCircuit, TEMPLATES } from "./support/circuit.ts";
import { SAMPLES } from "./support/samples.ts";
import { inputsOf } from "./support/statement.ts";
import { inputWires, MAY_CHANGE, unnoticed } from "./support/witness-checks.ts";

const SUBJECTS: readonly [string, Inputs][] = [
  ["compliance", { ...inputsOf() }],
  ...TEMPLATES.map((name) => [name, SAMPLES[name]] as [string, Inputs]),
];

describe("circuits: a witness is only accepted as it is", function () {
  this.timeout(120_000);

  for (const [name, inputs] of SUBJECTS) {
    it(`${name}: changing any one wire breaks a constraint`, async () => {
      const circuit = await loadCircuit(name);
      const witness = await circuit.witness(inputs);
      expect(circuit.system.accepts(witness)).to.equal(true);
      expect(unnoticed(circuit, witness)).to.deep.equal(MAY_CHANGE[name]?.wires ?? []);
    });

    it(`${name}: given the inputs, no group of other wires can move either`, async () => {
      const circuit = await loadCircuit(name, ["--O1"]);
      const witness = await circuit.witness(inputs);
      const fixed = inputWires(circuit, inputs);
      expect(fixed, "every input is in a constraint").to.have.length(Object.values(inputs).flat(2).length);
      const free = circuit.system.freeWires(witness, fixed);
      expect(free.map(circuit.name)).to.deep.equal([]);
    });
  }

  it("the two tests above find faults that were made on purpose", async () => {
    const inputs = { in: 7n, zero: 0n };
    const optimised = await loadCircuit("unsound");
    const plain = await loadCircuit("unsound", ["--O1"]);
    const witness = await plain.witness(inputs);
    const inverse = unnoticed(optimised, await optimised.witness(inputs));
    expect(inverse).to.have.length(1);
    expect(inverse[0]).to.match(/IsZero.*\.inv$/);
    const free = plain.system.freeWires(witness, inputWires(plain, inputs)).map(plain.name);
    expect(free).to.include("main.right");
  });
});
