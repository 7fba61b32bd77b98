import { expect } from "chai";
import {
  type Answer,
  judgeFindings,
  type RuleAnswer,
  type SlitherReport,
} from "../../scripts/checks/static-analysis/findings.ts";
import { faultLine } from "../../scripts/checks/support/sources.ts";
import { plant } from "./planted.ts";

const FILE = "contracts/A.sol";
const SOURCE = "contract A {\n    function f() external {\n        g();\n        h();\n    }\n}\n";
const ANSWER: Answer = { rule: "reentrancy", file: FILE, line: "g();", answer: "in a test" };
const FOUND = `${FILE}:3  reentrancy: A.f() calls g()`;
const STALE = `${FILE}:1  reentrancy: is answered but not found any more`;

/** A report as Slither writes it, with one finding at `line` unless there is to be none. */
function reportOf(...lines: number[]): SlitherReport {
  const place = (type: string, line: number) => ({
    type,
    source_mapping: { filename_relative: FILE, lines: [line] },
  });
  const detectors = lines.map((line) => ({
    check: "reentrancy",
    description: "A.f()\n\tcalls g()\n",
    elements: [place("function", 2), place("node", line)],
  }));
  return { success: true, error: null, results: lines.length === 0 ? {} : { detectors } };
}

function faultsOf(report: SlitherReport, answers: readonly (Answer | RuleAnswer)[] = []): string[] {
  using tree = plant({ [FILE]: SOURCE });
  return judgeFindings(tree.root, report, answers).map(faultLine);
}

describe("answers to Slither's findings", () => {
  it("a finding without an answer is a fault, at its statement", () => {
    expect(faultsOf(reportOf())).to.deep.equal([]);
    expect(faultsOf(reportOf(3))).to.deep.equal([FOUND]);
  });

  it("an answered finding passes; an answer for another line, rule or file, or for nothing, does not", () => {
    expect(faultsOf(reportOf(3), [ANSWER])).to.deep.equal([]);
    expect(faultsOf(reportOf(3), [{ ...ANSWER, line: "h();" }])).to.deep.equal([FOUND, STALE]);
    expect(faultsOf(reportOf(), [ANSWER])).to.deep.equal([STALE]);
    expect(faultsOf(reportOf(3), [{ ...ANSWER, file: "contracts/B.sol" }])[0]).to.equal(FOUND);
  });

  it("an answer for a rule everywhere covers every place, and is stale once there is none", () => {
    const everywhere: RuleAnswer = { rule: "reentrancy", everywhere: true, answer: "in a test" };
    expect(faultsOf(reportOf(3, 4), [everywhere])).to.deep.equal([]);
    expect(faultsOf(reportOf(), [everywhere])).to.deep.equal([
      "contracts:1  reentrancy: is answered but not found any more",
    ]);
  });
});
