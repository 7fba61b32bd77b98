import { expect } from "chai";
import { findMutants } from "./support/mutants/find.ts";
import { type Judged, judgeAll, ownSources } from "./support/mutants/run.ts";
import { type Answer, describeScore, readAnswers, scoreOf } from "./support/mutants/score.ts";

const SOURCE = `pragma circom 2.1.6;
/* in a comment a <== b; a === b; */
template Square() { // a === c;
    signal input a;
    signal output {tag} b;
    b <== a * a;
}
template Main() {
    signal input x; signal input y;
    signal {tag} square <== Square()(x);
    x * y ==> square;
    square === 1;
    Check()(x, x - y);
}
template Check() { signal input left; signal input right; left === right; }
`;

describe("circuits: mutation of the source", function () {
  this.timeout(900_000);

  it("finds every constraint, those of anonymous components too, and nothing in comments", () => {
    const found = findMutants(new Map([["a.circom", SOURCE]]));
    expect(found.map(({ line, mutation, constraint }) => [line, mutation, constraint])).to.have.deep.members([
      [6, "weakened", "b <== a * a"],
      [10, "weakened", "Square0.a <== x"],
      [10, "weakened", "signal {tag} square <== Square0.b"],
      [11, "weakened", "x * y ==> square"],
      [12, "removed", "square === 1"],
      [13, "check removed", "Check()(x, x - y)"],
      [13, "weakened", "Check1.left <== x"],
      [13, "weakened", "Check1.right <== x - y"],
      [15, "removed", "left === right"],
    ]);
    const changed = found.map((mutant) => mutant.mutate("+ 1"));
    expect(new Set(changed).size, "each is another text").to.equal(found.length);
    for (const text of changed) expect(text.split("\n").length).to.equal(SOURCE.split("\n").length);
    const some = (pattern: RegExp): boolean => changed.some((text) => pattern.test(text));
    expect(some(/b +<-- +\( *a \* a\) \+ 1;/)).to.equal(true);
    expect(some(/square +<-- +\( *x \* y *\) \+ 1;/)).to.equal(true);
  });

  it("notices every mutant of the circuits, or circuits/mutants.json says why it does no harm", async () => {
    const score = scoreOf(await judgeAll(await ownSources()), await readAnswers());
    console.log(`      ${describeScore(score)}`);
    expect(score.faults).to.deep.equal([]);
    expect(score.mutants).to.be.greaterThan(60);
  });

  describe("has something to look at when", () => {
    const mutant = findMutants(new Map([["a.circom", SOURCE]]))[0] ?? expect.fail("no mutant");
    const judged = (outcome: Judged["verdict"]["outcome"], why = ""): Judged => ({
      mutant,
      verdict: { outcome, why },
    });
    const { file, text: line, constraint, mutation } = mutant;
    const answer: Answer = { file, line, constraint, mutation, answer: "no harm" };
    const faults = (one: Judged, answers: readonly Answer[]): readonly string[] =>
      scoreOf([one], answers).faults;

    it("a survivor has no answer", () => {
      expect(faults(judged("survived"), [])).to.have.length(1);
      expect(faults(judged("survived"), [answer])).to.deep.equal([]);
    });

    it("an answered mutant is killed after all, is gone, or is on a line that has changed", () => {
      expect(faults(judged("killed", "why"), [answer])).to.have.length(1);
      expect(faults(judged("killed"), [])).to.deep.equal([]);
      expect(faults(judged("survived"), [{ ...answer, line: "b <== a * a * a;" }])).to.have.length(2);
    });

    it("a mutant does not compile for another reason than its tags", () => {
      expect(faults(judged("stillborn", "Missing tags required by input signal"), [])).to.deep.equal([]);
      expect(faults(judged("stillborn", "illegal expression"), [])).to.have.length(1);
    });
  });
});
