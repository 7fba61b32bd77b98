import { expect } from "chai";
import { type Answer, findCircuitFaults } from "../../scripts/checks/circuits.ts";
import { faultLine } from "../../scripts/checks/support/sources.ts";
import { plant } from "./planted.ts";

const FILE = "circuits/a.circom";

async function faultsOf(body: string, answers: readonly Answer[] = []): Promise<string[]> {
  using tree = plant({
    [FILE]: `pragma circom 2.1.6;\ntemplate Sub() {\n    signal input a;\n    signal input b;\n    a * b === 4;\n}\ntemplate A() {\n${body}\n}\n`,
  });
  return (await findCircuitFaults(tree.root, tree.files, answers)).map(faultLine);
}

const GOOD = "signal input a;\n    signal input b;\n    a * b === 4;";
const HINT = "signal input in;\n    signal output out;\n    out <-- in >> 1;\n    out * in === 0;";
const FOUND = `${FILE}:10  CS0005: Using the signal assignment operator \`<--\` does not constrain the assigned signal.`;
const ANSWER: Answer = { rule: "CS0005", file: FILE, line: "out <-- in >> 1;", answer: "in a test" };

describe("circuit rules", function () {
  this.timeout(60_000);

  it("a constrained template passes; a hint is found", async () => {
    expect(await faultsOf(GOOD)).to.deep.equal([]);
    expect(await faultsOf(HINT)).to.deep.equal([FOUND]);
  });

  it("an answered finding passes; an answer for another line, or for nothing, does not", async () => {
    expect(await faultsOf(HINT, [ANSWER])).to.deep.equal([]);
    const stale = `${FILE}:1  CS0005: is answered but not found any more`;
    expect(await faultsOf(HINT, [{ ...ANSWER, line: "out <-- in >> 2;" }])).to.deep.equal([FOUND, stale]);
    expect(await faultsOf(GOOD, [ANSWER])).to.deep.equal([stale]);
  });

  it("a template that circomspect skips without a word is a fault", async () => {
    const loop = "signal input in[2];\n    for (var i = 0; i < 2; i++) {\n        Sub()(in[i], 1);\n    }";
    expect(await faultsOf(loop)).to.deep.equal([
      `${FILE}:7  unread: circomspect cannot read this template; name the components that it makes in loops`,
    ]);
  });
});
