import { expect } from "chai";
import type { KnownCommands } from "../../scripts/checks/commands/known.ts";
import { findCommandFaults, pageCommandFaults } from "../../scripts/checks/page-commands.ts";
import { run } from "../../scripts/checks/support/process.ts";
import { plant } from "./planted.ts";

const command = (options: readonly string[], group = false) => ({
  options: new Set(options),
  takesWords: false,
  group,
});

const KNOWN: KnownCommands = new Map([
  ["hardhat", command(["help"], true)],
  ["hardhat roles", command(["help"], true)],
  ["hardhat roles grant", command(["network", "account"])],
  ["proofx", command(["help", "version"], true)],
  ["proofx doctor", command(["json"])],
]);

const found = (...lines: string[]): string[] =>
  pageCommandFaults("docs/a.md", lines.join("\n"), KNOWN).map(({ line, message }) => `${line} ${message}`);

describe("commands that pages name", () => {
  const refused: [what: string, lines: string[], expected: string][] = [
    [
      "in a sentence",
      ["# A", "", "Say `npx proofx docter`."],
      "3 npx proofx docter: there is no such command",
    ],
    [
      "in a span broken over a line",
      ["Say `npx hardhat roles", "grant --acount 0x…`, then wait."],
      "1 npx hardhat roles grant --acount 0x…: hardhat roles grant has no option --acount",
    ],
    [
      "without npx",
      ["Say `proofx doctor --jsn`."],
      "1 npx proofx doctor --jsn: proofx doctor has no option --jsn",
    ],
    [
      "in a span of two marks, after one that is right",
      ["`npx proofx doctor` or ``npx proofx `which` ``"],
      "1 npx proofx `which`: there is no such command",
    ],
    [
      "in a block",
      ["```sh", "true", "npx proofx doctor now", "```"],
      "3 npx proofx doctor now: proofx doctor takes no words",
    ],
    [
      "in a block that is not run",
      ["```sh no-run=it needs a chain", "npx hardhat roles give", "```"],
      "2 npx hardhat roles give: hardhat roles has no give",
    ],
    [
      "in a block of another language",
      ["```text", "$ npx proofx doctors", "```"],
      "2 npx proofx doctors: there is no such command",
    ],
    [
      "in a list's block, over two lines",
      ["1. do", "   ```sh", "   npx hardhat roles grant \\", "     --acount 0x1", "   ```"],
      "3 npx hardhat roles grant --acount 0x1: hardhat roles grant has no option --acount",
    ],
    [
      "by a variable that holds options",
      [
        "```sh",
        'TO="--network story --acount 0x1"',
        "```",
        "",
        "```sh no-run=later",
        "npx hardhat roles grant $TO",
        "```",
      ],
      "6 npx hardhat roles grant --network story --acount 0x1: hardhat roles grant has no option --acount",
    ],
  ];
  for (const [what, lines, expected] of refused) {
    it(`are refused ${what}`, () => expect(found(...lines)).to.deep.equal([expected]));
  }

  it("pass when they exist, or stand for all of them", () => {
    const lines = [
      "`npx proofx NAME --config FILE`, `npx hardhat roles …`, `npx proofx --help`, `npx proofx`, `hardhat-host`,",
      "`npx hardhat roles grant --network",
      "story`; `proofx` alone, `one",
      "",
      "npx proofx nothing` is no span",
      "```sh",
      'TO="--network story --account 0x1"',
      "npx hardhat roles grant $TO # whoever asks",
      "npx proofx doctor --json | grep x && npx proofx --version",
      "```",
    ];
    expect(found(...lines)).to.deep.equal([]);
  });

  it("are those of README.md, SECURITY.md and docs/, held against what both programs have", async () => {
    const wrong = "Say `npx proofx docter`.\n";
    using tree = plant({
      "README.md": wrong,
      "SECURITY.md": wrong,
      "docs/a.md": "```sh no-run=later\nnpx hardhat roles grant --nobody\n```\n",
      "docs/b.md": "`npx proofx alerts dead-letters --config FILE`\n",
      "docs/runbooks/Paused.md": wrong,
      "CHANGELOG.md": wrong,
    });
    await run(["git", "init", "--quiet"], { cwd: tree.root });
    expect((await findCommandFaults(tree.root)).map(({ file, line }) => `${file}:${line}`)).to.deep.equal([
      "README.md:1",
      "SECURITY.md:1",
      "docs/a.md:2",
      "docs/runbooks/Paused.md:1",
    ]);
  });
});
