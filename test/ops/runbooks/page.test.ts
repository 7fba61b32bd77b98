import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { InputError } from "../../../src/core/errors.ts";
import { missingLine, parseRunbook, type RunbookStep, runStep } from "../../../src/ops/runbooks/index.ts";

const PAGE = `---
rule: Example
severity: high
seed: a sentence
target: 60 min
no-fault: a test's
inputs: ACCOUNT
---

# An example

## Meaning

Something.

## Impact

None.

## Diagnosis

Look first.

\`\`\`sh exit=1 timeout=5
echo "$ACCOUNT is odd"; exit 1
\`\`\`

\`\`\`text
… is odd
\`\`\`

## Mitigation

Then act.

\`\`\`sh
true
\`\`\`
`;

const stepOf = (script: string, more: Partial<RunbookStep> = {}): RunbookStep => ({
  number: 1,
  line: 1,
  section: "Diagnosis",
  says: "",
  script,
  changes: false,
  exitCode: 0,
  timeoutSeconds: 5,
  ...more,
});
const environment = { cwd: tmpdir(), env: process.env };

describe("a runbook's page", () => {
  it("gives its steps with what they look like, in order", () => {
    const page = parseRunbook("Example", PAGE);
    assert.equal(page.targetSeconds, 3600);
    assert.deepEqual(page.inputs, ["ACCOUNT"]);
    assert.deepEqual(
      page.steps.map(({ number, section, says, changes, exitCode, expected }) => ({
        number,
        section,
        says,
        changes,
        exitCode,
        expected,
      })),
      [
        {
          number: 1,
          section: "Diagnosis",
          says: "Look first.",
          changes: false,
          exitCode: 1,
          expected: "… is odd",
        },
        {
          number: 2,
          section: "Mitigation",
          says: "Then act.",
          changes: true,
          exitCode: 0,
          expected: undefined,
        },
      ],
    );
  });

  it("names the program that a machine must have for a step to be rehearsed, and the reason of one that never is", () => {
    const from = "```sh\ntrue";
    const needing = parseRunbook("Example", PAGE.replace(from, "```sh timeout=9 needs=aleo-devnode\ntrue"));
    assert.deepEqual([needing.steps[0]?.needs, needing.steps[1]?.needs], [undefined, "aleo-devnode"]);
    assert.equal(needing.steps[1]?.timeoutSeconds, 9);
    const left = parseRunbook("Example", PAGE.replace(from, "```sh no-run=it needs=a person\ntrue"));
    assert.deepEqual([left.steps[1]?.noRun, left.steps[1]?.needs], ["it needs=a person", undefined]);
  });

  for (const [what, from, to] of [
    ["another name than its file", "rule: Example", "rule: Sample"],
    ["no severity", "severity: high\n", ""],
    ["a severity that nobody has", "severity: high", "severity: urgent"],
    ["no target", "target: 60 min", "target: soon"],
    ["neither a fault nor a reason", "no-fault: a test's\n", ""],
    ["a field that nobody knows", "seed:", "sead:"],
    ["a section left out", "## Impact\n", ""],
    ["a shell that would not be run", "```sh\ntrue", "```bash\ntrue"],
    ["an attribute that nobody knows", "exit=1", "exits=1"],
    ["a fence that is never closed", "true\n```\n", "true\n"],
  ] as const) {
    it(`is refused with ${what}`, () => {
      assert.notEqual(PAGE.replace(from, to), PAGE);
      assert.throws(() => parseRunbook("Example", PAGE.replace(from, to)), InputError);
    });
  }
});

describe("a step", () => {
  it("has its inputs as variables, whatever is in them, and its programs do not", async () => {
    const inputs = { ACCOUNT: `it's "$(id)" \`id\`` };
    const script = `printf '%s\\n' "$ACCOUNT"; bash -c 'echo "[\${ACCOUNT-}]"'`;
    const { output, differs } = await runStep(stepOf(script), { ...environment, inputs });
    assert.equal(output, `${inputs.ACCOUNT}\n[]\n`);
    assert.equal(differs, undefined);
  });

  it("differs by its exit code, its output, or its time", async () => {
    const differs = async (step: RunbookStep) => (await runStep(step, environment)).differs;
    assert.match((await differs(stepOf("exit 3"))) ?? "", /ended with 3 instead of 0/);
    assert.match((await differs(stepOf("true", { exitCode: 1 }))) ?? "", /ended with 0 instead of 1/);
    assert.match((await differs(stepOf("echo b; echo a", { expected: "a\nb" }))) ?? "", /in this order: b/);
    assert.match((await differs(stepOf("sleep 30", { timeoutSeconds: 1 }))) ?? "", /not finished after 1 s/);
    assert.match((await differs(stepOf("false | true"))) ?? "", /ended with 1/);
  });

  it("leaves no process behind", async () => {
    const { output } = await runStep(stepOf("sleep 60 > /dev/null 2>&1 & echo $!"), environment);
    const pid = Number(output);
    const gone = (): boolean => {
      try {
        process.kill(pid, 0);
        return false;
      } catch {
        return true;
      }
    };
    for (let i = 0; i < 100 && !gone(); i++) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(gone());
  });
});

describe("the output a page shows", () => {
  it("is found line by line, with anything for …, and any run of spaces for another", () => {
    assert.equal(missingLine("a   0x12  end\nlater (1)\n", "a … end\nlater (1)"), undefined);
    assert.equal(missingLine("one\ntwo", "two\none"), "one");
    assert.equal(missingLine("one", "one\none"), "one");
    assert.equal(missingLine("a.c", "abc"), "abc");
  });
});
