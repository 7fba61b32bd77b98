import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { checkDocs } from "../../src/ops/docs/index.ts";

const DAY = 86_400;

describe("proofx docs check", () => {
  const root = mkdtempSync(join(tmpdir(), "proofx-docs-"));
  const put = (name: string, text: string) => writeFileSync(join(root, name), text);
  const git = (args: string[], time = 0) =>
    execFileSync("git", ["-C", root, "-c", "user.name=t", "-c", "user.email=t@t", ...args], {
      stdio: "pipe",
      env: { ...process.env, GIT_COMMITTER_DATE: `${1_700_000_000 + time} +0000` },
    });
  const faults = async () =>
    (await checkDocs(root, 30)).faults.map(({ file, line, fault }) => `${file}:${line} ${fault}`);
  before(() => {
    for (const folder of ["docs", "src"]) mkdirSync(join(root, folder));
    put("src/a.ts", "");
    put("docs/other.md", "# Two words, `code`\n\n## Again\n\n## Again\n");
  });
  after(() => rmSync(root, { recursive: true }));

  it("follows links to files and headings, and looks for the files that a page names", async () => {
    put(
      "README.md",
      [
        "[page](docs/other.md) [heading](docs/other.md#two-words-code) [second](docs/other.md#again-1)",
        "[itself](#here) `src/a.ts` [web](https://example.org/nothing)",
        "# Here",
        "`src/NAME.ts` and `src/*.ts` are no one file",
        "```sh",
        "[not](a-link.md) `src/not-a-name.ts`",
        "```",
      ].join("\n"),
    );
    expect(await faults()).to.deep.equal([]);
    put("README.md", "[a](docs/none.md)\n\n[b](docs/other.md#again-2) [c](#nowhere)\n`src/b.ts`\n");
    expect(await faults()).to.deep.equal([
      "README.md:1 links to docs/none.md, which is not there",
      "README.md:3 links to docs/other.md#again-2, and docs/other.md has no such heading",
      "README.md:3 links to #nowhere, and README.md has no such heading",
      "README.md:4 names src/b.ts, which is not there",
    ]);
  });

  it("names a page that is behind a file it names, by when they were committed", async () => {
    expect((await checkDocs(root, 30)).stale).to.equal(undefined);
    put("README.md", "It is in `src/a.ts`.\n");
    git(["init", "-q"]);
    git(["add", "-A"]);
    git(["commit", "-qm", "one"]);
    put("src/a.ts", "changed\n");
    git(["commit", "-qam", "two"], 31 * DAY);
    const { stale } = await checkDocs(root, 30);
    expect(stale?.map(({ file, behind }) => [file, behind])).to.deep.equal([["README.md", ["src/a.ts"]]]);
    expect((await checkDocs(root, 31)).stale).to.deep.equal([]);
  });
});
