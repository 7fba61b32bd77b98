import { expect } from "chai";
import { findOversized } from "../../scripts/checks/sizes.ts";
import { faultLine } from "../../scripts/checks/support/sources.ts";
import { plant } from "./planted.ts";

const lines = (count: number): string => "let x;\n".repeat(count);

/** Faults of one planted file. */
function faultsOf(file: string, text: string, longer: Record<string, string> = {}): string[] {
  using tree = plant({ [file]: text });
  return findOversized(tree.root, tree.files, longer).map(faultLine);
}

describe("size rules", () => {
  it("a file of 400 lines passes, one of 401 is named with its length", () => {
    expect(faultsOf("a.ts", lines(400))).to.deep.equal([]);
    expect(faultsOf("a.ts", lines(401))).to.deep.equal(["a.ts:1  file-size: 401 lines, at most 400"]);
    expect(faultsOf("a.sol", lines(401))).to.deep.equal(["a.sol:1  file-size: 401 lines, at most 400"]);
  });

  it("a long file on the allow-list passes; an entry without a file is a fault", () => {
    expect(faultsOf("a.sol", lines(401), { "a.sol": "one table" })).to.deep.equal([]);
    expect(faultsOf("a.sol", lines(2), { "b.sol": "gone" })).to.deep.equal([
      "b.sol:1  file-size: is on the allow-list but does not exist",
    ]);
  });

  for (const [kind, open, close] of [
    ["function", "\nfunction f() {\n", "}\n"],
    ["arrow function", "\nconst f = () => {\n", "};\n"],
    ["method", "\nclass A { m() {\n", "}\n}\n"],
  ] as const) {
    it(`a ${kind} of 60 lines passes, one of 61 is named with its place`, () => {
      expect(faultsOf("a.ts", open + lines(58) + close)).to.deep.equal([]);
      expect(faultsOf("a.ts", open + lines(59) + close)).to.deep.equal([
        "a.ts:2  function-size: a function of 61 lines, at most 60",
      ]);
    });
  }

  it("the callback of a test group is no function, the test in it is", () => {
    const test = (count: number): string => `it("y", () => {\n${lines(count)}});\n`;
    expect(faultsOf("a.test.ts", `describe("x", () => {\n${test(40)}${test(40)}});\n`)).to.deep.equal([]);
    expect(faultsOf("a.test.ts", `describe("x", () => {\n${test(60)}});\n`)).to.deep.equal([
      "a.test.ts:2  function-size: a function of 62 lines, at most 60",
    ]);
  });

  it("what is no source, a committed record for example, may be long", () => {
    expect(faultsOf("vectors.json", "1\n".repeat(5000))).to.deep.equal([]);
  });
});
