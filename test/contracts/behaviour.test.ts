import { expect } from "chai";
import { leavesOfTree, testsIn, testsOf, treeOf } from "../support/contracts/behaviour.ts";

describe("behaviour trees", () => {
  for (const contract of ["AnchorRegistry", "Groth16Verifier", "ProofXVerifier", "Timelock"]) {
    it(`every leaf of ${contract}'s tree is a test of the same name, and the other way round`, () => {
      const tests = testsOf(contract);
      expect(new Set(tests).size, "two tests have one name").to.equal(tests.length);
      expect(tests).to.have.members(leavesOfTree(treeOf(contract)));
    });
  }

  it("a leaf's path names all the lines above it", () => {
    const tree = "Text.\n\n- a()\n  - one\n  - group\n    - two\n- b()\n  - three\n";
    expect(leavesOfTree(tree)).to.deep.equal(["a() > one", "a() > group > two", "b() > three"]);
  });

  it("tests are found in their contexts, other describes are not", () => {
    const source = `describe("A", () => { beforeEach(() => {}); context("a()", () => {
      it("one", async () => { expect(1).to.equal(1); }); context("group", () => { it("two", () => {}); }); }); });
      describe("B", () => { context("a()", () => { it("three", () => {}); }); });`;
    expect(testsIn(source, "A")).to.deep.equal(["a() > one", "a() > group > two"]);
  });
});
