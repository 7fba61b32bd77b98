import { expect } from "chai";
import { type Circuit, type Inputs, loadCircuit, TEMPLATES } from "./support/circuit.ts";
import type { Witness } from "./support/constraints.ts";
import { SAMPLES } from "./support/samples.ts";
import { inputsOf } from "./support/statement.ts";

/** Wires that may change alone without any constraint noticing, and why it does no harm. */
const MAY_CHANGE: Readonly<Record<string, { readonly wires: readonly string[]; readonly why: string }>> = {
  member: {
    wires: [3, 4, 5, 6, 7].map((i) => `main.set[${i}]`),
    why: "the product is zero from the member on; the rest of the set is bound by whoever hashes it (FactsTreeRoot)",
  },
};

/** Inputs that the compiler made one with an output. */
const SAME_WIRE: Readonly<Record<string, string>> = {
  "main.in[0]": "main.out[0]",
  "main.in[1]": "main.out[1]",
  "main.in[2]": "main.out[2]",
  "main.in[3]": "main.out[3]",
  "main.mask": "main.maskInRange",
  "main.index": "main.indexInRange",
};

const SUBJECTS: readonly [string, Inputs][] = [
  ["compliance", { ...inputsOf() }],
  ...TEMPLATES.map((name) => [name, SAMPLES[name]] as [string, Inputs]),
];

/** Values a dishonest prover would try in place of an honest one. */
function otherValues(value: bigint, prime: bigint): bigint[] {
  const values = [
    0n,
    1n,
    2n,
    value + 1n,
    value - 1n,
    -value,
    2n * value,
    value + 2n ** 64n,
    prime - 1n,
    prime / 2n,
  ];
  return [...new Set(values.map((other) => ((other % prime) + prime) % prime))].filter(
    (other) => other !== value,
  );
}

/** Wires with another value that every constraint accepts. */
function unnoticed({ system, name }: Circuit, witness: Witness): string[] {
  const wires = Array.from({ length: system.wires - 1 }, (_, i) => i + 1);
  const slips = wires.filter((wire) =>
    otherValues(witness[wire] ?? 0n, system.prime).some((value) => !system.notices(witness, wire, value)),
  );
  return slips.map(name);
}

/** Signal names of inputs: `main.amounts[0]`. */
function signalNames(path: string, value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => signalNames(`${path}[${i}]`, item));
  return [path];
}

function inputWires(circuit: Circuit, inputs: Inputs): number[] {
  return Object.entries(inputs)
    .flatMap(([name, value]) => signalNames(`main.${name}`, value))
    .map(
      (name) =>
        circuit.wire(name) ?? circuit.wire(SAME_WIRE[name] ?? "") ?? expect.fail(`${name} is no wire`),
    );
}

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
      const free = circuit.system.freeWires(witness, inputWires(circuit, inputs));
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
