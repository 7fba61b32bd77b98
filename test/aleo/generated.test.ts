import { expect } from "chai";
import { readAbi } from "../../scripts/aleo/abi-file.ts";
import { outdated } from "../../scripts/aleo/generate.ts";
import { inputNames } from "../../scripts/aleo/input-names.ts";
import { CheckError } from "../../src/core/errors.ts";

describe("the programs' types", () => {
  it("are what the compiled programs say: npx node scripts/aleo/generate.ts makes them", () => {
    expect(outdated()).to.deep.equal([]);
  });

  it("take the names of inputs from the source, over lines, with arrays and comments", () => {
    const source = `
      fn helper(a: u8) -> u8 { return a; }
      // fn gone(x: u8) {}
      fn batch(
          public ids: [field; 5], // five
          private salt: scalar,
      ) -> Final {}
      fn nothing() -> Final {}`;
    expect([...inputNames(source)]).to.deep.equal([
      ["helper", ["a"]],
      ["batch", ["ids", "salt"]],
      ["nothing", []],
    ]);
  });

  it("are not made from an interface with types nobody here reads", () => {
    const abi = {
      program: "p.aleo",
      structs: [],
      mappings: [],
      functions: [{ name: "f", inputs: ["DynamicRecord"] }],
    };
    expect(() => readAbi(abi)).to.throw(CheckError);
  });
});
