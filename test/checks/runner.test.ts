import { expect } from "chai";
import { projectEnv, type Ran, ROOT, run } from "../../scripts/checks/support/process.ts";
import { campaignLines, countSolidity } from "../../scripts/test/campaigns.ts";
import { refuseSkips, reportLines, totals } from "../../scripts/test/report.ts";
import { RESULT_FILE, readResult, type SuiteResult } from "../../scripts/test/results.ts";
import { judge, runSuite } from "../../scripts/test/run-suite.ts";
import { allSuites, type Part, REPORTER, type Suite } from "../../scripts/test/suites.ts";
import { plant } from "./planted.ts";

const CLEAN: Ran = { code: 0, output: "", seconds: 1, timedOut: false, leftProcesses: false };
const PART: Part = { args: ["some.ts"] };
const ONE_PASSED: SuiteResult = { passed: 1, failures: [], skips: [] };
const NEED = { command: "no-such-program-here", install: "apt-get install no-such-program" };

/** What the reporter hands to the runner for one planted mocha file. */
async function mochaResult(test: string): Promise<SuiteResult | undefined> {
  const imports = `import { needs } from "${ROOT}/test/support/needs.ts";\n`;
  using tree = plant({ "a.test.ts": imports + test, "package.json": '{"type":"module"}' });
  const file = `${tree.root}/result.json`;
  const command = ["mocha", "--no-config", "--reporter", REPORTER, `${tree.root}/a.test.ts`];
  await run(command, { env: { ...projectEnv(), [RESULT_FILE]: file } });
  return readResult(file);
}

describe("test runner", () => {
  describe("counts", () => {
    it("passed, failed and skipped tests, with what was missing", async () => {
      const result = await mochaResult(`
        describe("group", () => {
          it("works", () => {});
          it("breaks", () => { throw new Error("why it broke"); });
          it.skip("is off", () => {});
          it("wants a program", function () { needs(this, ${JSON.stringify(NEED)}); });
        });`);
      expect(result?.passed).to.equal(1);
      expect(result?.failures.map((each) => each.title)).to.deep.equal(["group breaks"]);
      expect(result?.failures[0]?.detail).to.contain("why it broke");
      expect(result?.skips).to.deep.equal([
        { title: "group is off" },
        { title: "group wants a program", need: NEED },
      ]);
    });

    it("every test of a group whose before hook misses a program", async () => {
      const result = await mochaResult(`
        describe("group", () => {
          before(function () { needs(this, ${JSON.stringify(NEED)}); });
          it("one", () => {});
          describe("inner", () => { it("two", () => {}); });
        });`);
      expect(result?.passed).to.equal(0);
      expect(result?.skips).to.deep.equal([
        { title: "group one", need: NEED },
        { title: "group inner two", need: NEED },
      ]);
    });

    it("nothing as skipped when the program is there", async () => {
      const result = await mochaResult(
        `it("wants a shell", function () { needs(this, { command: "sh", install: "-" }); });`,
      );
      expect(result).to.deep.equal({ passed: 1, failures: [], skips: [] });
    });

    it("a failing hook as a failure", async () => {
      const result = await mochaResult(`
        describe("group", () => { before(() => { throw new Error("no"); }); it("one", () => {}); });`);
      expect(result?.failures.length).to.equal(1);
    });

    it("Hardhat's Solidity tests, and too few calls of an invariant as a failure", () => {
      const invariant = (name: string, calls: bigint) =>
        ({
          name,
          status: "Success",
          reason: undefined,
          durationNs: 0n,
          kind: { calls, metrics: { a: { calls } } },
        }) as const;
      const failed = { name: "c", status: "Failure", reason: "why", durationNs: 0n, kind: {} } as const;
      const contracts = [
        { id: { name: "X" }, testResults: [invariant("a", 10n), invariant("b", 9n), failed] },
      ];
      expect(countSolidity(contracts, 10)).to.deep.equal({
        passed: 1,
        failures: [
          { title: "X c", detail: "why" },
          { title: "X b", detail: "expected at least 10 calls, got 9" },
        ],
        skips: [],
      });
      expect(campaignLines(contracts).at(-1)?.trim()).to.match(/^all +19$/);
    });
  });

  describe("fails a suite that", () => {
    const cases: [what: string, ran: Partial<Ran>, counted: SuiteResult | undefined, detail: string][] = [
      [
        "ends before it reports",
        { code: 7, output: "boom" },
        undefined,
        "ended with 7 before it reported\nboom",
      ],
      ["reports success and exits with an error", { code: 3 }, ONE_PASSED, "ended with 3"],
      ["has no test", {}, { passed: 0, failures: [], skips: [] }, "has no test"],
      ["hangs", { timedOut: true, code: 137 }, undefined, "not finished after"],
      ["leaves a process", { leftProcesses: true }, ONE_PASSED, "left processes running"],
    ];
    for (const [what, ran, counted, detail] of cases) {
      it(what, () => {
        const { failures } = judge(PART, { ...CLEAN, ...ran }, counted);
        expect(failures.length).to.equal(1);
        expect(failures[0]?.detail).to.contain(detail);
      });
    }

    it("leaves a real process: it is ended and reported", async () => {
      const script = `require("child_process").spawn("sleep", ["77"], { stdio: "ignore" }).unref();`;
      const ran = await run([process.execPath, "-e", script]);
      expect(ran.code).to.equal(0);
      expect(ran.leftProcesses).to.equal(true);
    });
  });

  it("passes a suite that is clean", () => {
    expect(judge(PART, CLEAN, ONE_PASSED)).to.deep.equal(ONE_PASSED);
  });

  it("turns skips into failures on demand, except for excused programs", () => {
    const excused = { title: "slow", need: { command: "slow-to-build", install: "make slow-to-build" } };
    const result = {
      passed: 1,
      failures: [],
      skips: [{ title: "off" }, { title: "go", need: NEED }, excused],
    };
    const strict = refuseSkips(result, { "slow-to-build": "takes an hour to build" });
    expect(strict.skips).to.deep.equal([excused]);
    expect(strict.failures.map((each) => each.title)).to.deep.equal(["off", "go"]);
    expect(refuseSkips(result).skips).to.deep.equal([]);
  });

  it("ends with what was skipped, the line that installs it and the totals on a line alone", () => {
    const suite: Suite = { name: "core", shows: "", parts: [], lane: "any" };
    const result = { passed: 4, failures: [], skips: [{ title: "go vectors", need: NEED }] };
    const lines = reportLines([{ suite, result, seconds: 1, logFile: "x" }], 1);
    expect(lines).to.include("  go vectors (no-such-program-here)");
    expect(lines).to.include(`  ${NEED.install}`);
    expect(lines.at(-1)).to.equal("4 passed, 0 failed, 1 skipped");
    expect(totals([result, result])).to.equal("8 passed, 0 failed, 2 skipped");
  });

  it("lists only suites whose folders exist", () => {
    using tree = plant({ "test/circuits/a.test.ts": "" });
    expect(allSuites(tree.root).map((suite) => suite.name)).to.deep.equal(["check", "docs", "circuits"]);
  });

  it("keeps what a suite prints in its log", async () => {
    using tree = plant({ "say.js": "console.log('one'); console.error('two'); process.exit(5)" });
    const suite: Suite = { name: "said", shows: "", lane: "any", parts: [{ args: ["say.js"] }] };
    const { result, logFile } = await runSuite(suite, () => {}, tree.root);
    expect(result.failures[0]?.detail).to.contain("ended with 5 before it reported");
    const { readFileSync } = await import("node:fs");
    expect(readFileSync(`${tree.root}/${logFile}`, "utf8")).to.equal("one\ntwo\n");
  });
});
