import { expect } from "chai";
import { groth16 } from "snarkjs";
import { type Groth16Proof, parseProof, proofToSolidity } from "../../src/compliance/index.ts";
import { InputError } from "../../src/core/errors.ts";

const PROOF: Groth16Proof = {
  pi_a: ["11", "12", "1"],
  pi_b: [
    ["21", "22"],
    ["23", "24"],
    ["1", "0"],
  ],
  pi_c: ["31", "32", "1"],
  protocol: "groth16",
  curve: "bn128",
};
const BASE_FIELD_ORDER = "21888242871839275222246405745257275088696311157297823662689037894645226208583";

describe("A proof's JSON", () => {
  it("that is well formed is taken as it is", () => {
    expect(parseProof(JSON.parse(JSON.stringify(PROOF)))).to.deep.equal(PROOF);
  });

  const malformed: [what: string, json: unknown, named: RegExp][] = [
    ["nothing", undefined, /^proof: /],
    ["text", "proof", /^proof: /],
    ["a part missing", { ...PROOF, pi_c: undefined }, /pi_c/],
    ["a part too many", { ...PROOF, pi_d: [] }, /pi_d/],
    ["another protocol", { ...PROOF, protocol: "plonk" }, /protocol/],
    ["another curve", { ...PROOF, curve: "bls12381" }, /curve/],
    ["a coordinate that is no number", { ...PROOF, pi_a: ["0x11", "12", "1"] }, /pi_a\.0/],
    ["a coordinate as a JSON number", { ...PROOF, pi_a: [11, "12", "1"] }, /pi_a\.0/],
    ["a negative coordinate", { ...PROOF, pi_a: ["-11", "12", "1"] }, /pi_a\.0/],
    ["leading zeros", { ...PROOF, pi_a: ["011", "12", "1"] }, /pi_a\.0/],
    ["a coordinate of the base field's order", { ...PROOF, pi_c: ["31", BASE_FIELD_ORDER, "1"] }, /pi_c\.1/],
    ["a projective point", { ...PROOF, pi_a: ["11", "12", "2"] }, /pi_a\.2/],
    ["the point at infinity", { ...PROOF, pi_a: ["0", "1", "0"] }, /pi_a\.2/],
    [
      "a short G2 point",
      {
        ...PROOF,
        pi_b: [
          ["21", "22"],
          ["1", "0"],
        ],
      },
      /pi_b/,
    ],
  ];
  for (const [what, json, named] of malformed) {
    it(`with ${what} is refused, and the place is named`, () => {
      expect(() => parseProof(json)).to.throw(InputError, named);
    });
  }
});

describe("A proof for the contracts", () => {
  it("has every coordinate where snarkjs's own call data has it", async () => {
    const text = await groth16.exportSolidityCallData(PROOF, ["1"]);
    const [a, b, c] = JSON.parse(`[${text}]`);
    const { a: ownA, b: ownB, c: ownC } = proofToSolidity(PROOF);
    expect(ownA).to.deep.equal(a.map(BigInt));
    expect(ownB).to.deep.equal(b.map((pair: string[]) => pair.map(BigInt)));
    expect(ownC).to.deep.equal(c.map(BigInt));
  });
});
