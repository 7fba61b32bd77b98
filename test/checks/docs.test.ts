import { existsSync, readFileSync } from "node:fs";
import { expect } from "chai";
import { parsePage } from "../../scripts/checks/docs-page.ts";
import { runPage } from "../../scripts/checks/docs-run.ts";
import type { SuiteResult } from "../../scripts/test/results.ts";
import { plant } from "./planted.ts";

const sh = (info: string, ...lines: string[]): string =>
  ["", `\`\`\`sh${info}`, ...lines, "```", ""].join("\n");

/** Runs one planted page; `look` sees its folder before it goes. */
async function runText(text: string, look: (root: string) => void = () => {}): Promise<SuiteResult> {
  using tree = plant({ "docs/a.md": text, "docs/there.md": "" });
  const options = { root: tree.root, logFolder: `${tree.root}/logs`, say: () => {} };
  const result = await runPage(parsePage("docs/a.md", text), options);
  look(tree.root);
  return result;
}

describe("documentation runner", () => {
  it("npx runs what is installed with its words as they are, and leaves the rest to npm", async () => {
    const lines = [
      "mkdir -p node_modules/.bin",
      "printf '#!/bin/sh\\nprintf %%s, \"$@\"\\n' > node_modules/.bin/says",
      "chmod +x node_modules/.bin/says",
      `test "$(npx says a 'b c')" = "a,b c,"`,
      "npx --version | grep -qx '[0-9.]*'",
    ];
    const { passed, failures } = await runText(sh("", ...lines));
    expect([passed, failures]).to.deep.equal([1, []]);
  });

  describe("reads a page:", () => {
    it("every sh block with page, line and attributes; other languages are no commands", () => {
      const text = `# A\n${sh("", "true")}${sh(' timeout=7 background="is up, now"', "serve")}\`\`\`ts\nx\n\`\`\`\n`;
      expect(parsePage("a.md", text).blocks).to.deep.equal([
        { name: "a.md:3", script: "true", timeoutSeconds: 120 },
        { name: "a.md:7", script: "serve", timeoutSeconds: 7, background: "is up, now" },
      ]);
    });

    it("a reason without quotes up to the end of the line", () => {
      const [block] = parsePage("a.md", sh(" timeout=9 no-run=it needs a chain")).blocks;
      expect(block?.noRun).to.equal("it needs a chain");
      expect(block?.timeoutSeconds).to.equal(9);
    });

    it("a block inside a list without the list's indentation", () => {
      const text = "1. do\n   ```sh\n   cat <<E\n     x\n   E\n   ```\n";
      expect(parsePage("a.md", text).blocks[0]?.script).to.equal("cat <<E\n  x\nE");
    });

    it("a fence of four marks holds one of three", () => {
      expect(parsePage("a.md", "````md\n```sh\nfalse\n```\n````\n").blocks).to.deep.equal([]);
    });

    it("relative links, and no address, anchor or code", () => {
      const text = "[a](b.md#c) [d](https://e.example/f.md) [g](#h) `[i](j.md)`\n\n[k]: ../l.md\n";
      expect(parsePage("a.md", text).links).to.deep.equal([
        { line: 1, target: "b.md" },
        { line: 3, target: "../l.md" },
      ]);
    });

    const refused: [what: string, text: string, message: RegExp][] = [
      ["an unknown attribute", sh(" retries=2"), /a\.md:2 attribute: expected .*, got "retries"/],
      ["a word that is no attribute", sh(" quickly"), /a\.md:2 attribute/],
      ["no-run without a reason", sh(" no-run="), /a\.md:2 no-run: expected a value/],
      ["no-run with an empty reason", sh(' no-run=" "'), /a\.md:2 no-run: expected a value/],
      ["a need without its line", sh(' needs="softhsm2-util"'), /a\.md:2 needs: expected "PROGRAM:/],
      ["a time limit that is no number", sh(" timeout=soon"), /a\.md:2 timeout/],
      ["another shell's language", "```bash\nx\n```", /a\.md:1: expected `sh`/],
      ["a fence that is never closed", "```sh\nx\n", /a\.md:1: expected a fence that is closed/],
    ];
    for (const [what, text, message] of refused) {
      it(`refuses ${what}`, () => expect(() => parsePage("a.md", text)).to.throw(message));
    }
  });

  describe("runs a page:", () => {
    it("blocks in order, in the root, sharing files", async () => {
      const text = sh("", "echo one > got") + sh("", "echo two >> got");
      const result = await runText(text, (root) => {
        expect(readFileSync(`${root}/got`, "utf8")).to.equal("one\ntwo\n");
      });
      expect(result).to.deep.equal({ passed: 2, failures: [], skips: [], notes: [] });
    });

    it("a failing command anywhere in a block fails it, and the rest of the page with it", async () => {
      const text = sh("", "false | cat", "true") + sh("", "touch ran");
      const result = await runText(text, (root) => expect(existsSync(`${root}/ran`)).to.equal(false));
      expect(result.failures.map((each) => each.title)).to.deep.equal(["docs/a.md:2", "docs/a.md:7"]);
      expect(result.failures[1]?.detail).to.equal("not run: docs/a.md:2 failed");
    });

    it("an unset variable is an error", async () => {
      expect((await runText(sh("", 'echo "$PROOFX_NEVER_SET"'))).failures[0]?.detail).to.contain(
        "unbound variable",
      );
    });

    it("what a block prints is in its own log and in the failure", async () => {
      const result = await runText(sh("", "echo out", "echo err >&2", "exit 4"), (root) => {
        expect(readFileSync(`${root}/logs/docs-a.md-2.log`, "utf8")).to.equal("out\nerr\n");
      });
      expect(result.failures[0]?.detail).to.match(/^ended with 4; .*\nout\nerr$/);
    });

    it("a block over its time limit is ended", async () => {
      const result = await runText(sh(" timeout=1", "sleep 30"));
      expect(result.failures[0]?.detail).to.contain("not finished after 1 s");
    });

    it("a block that leaves a process fails, and the process is ended", async () => {
      const text = sh(
        "",
        "(trap '' INT; echo $BASHPID > pid; exec sleep 30) > /dev/null 2>&1 &",
        "sleep 0.3",
      );
      let pid = 0;
      const result = await runText(text, (root) => {
        pid = Number(readFileSync(`${root}/pid`, "utf8"));
      });
      expect(result.failures[0]?.detail).to.contain("left processes running");
      expect(() => process.kill(pid, 0)).to.throw("ESRCH");
    });

    it("no-run is not run, and told with its reason", async () => {
      const result = await runText(sh(' no-run="needs a public network"', "exit 1"));
      expect(result).to.deep.equal({
        passed: 0,
        failures: [],
        skips: [],
        notes: ["docs/a.md:2 is not run: needs a public network"],
      });
    });

    it("a block that needs a program is skipped without it, told with its line, and run with it", async () => {
      const text = (program: string) => sh(` needs="${program}: apt-get install it"`, "echo there");
      const need = { command: "no-such-program", install: "apt-get install it" };
      const result = await runText(text("no-such-program"));
      expect(result).to.include({ passed: 0 }).and.to.have.deep.property("failures", []);
      expect(result.skips).to.deep.equal([{ title: "docs/a.md:2", need }]);
      expect((await runText(text("bash"))).passed).to.equal(1);
    });

    it("a link to a file that is not there fails with its line", async () => {
      const result = await runText("[x](there.md)\n[y](gone.md)\n");
      expect(result.failures).to.deep.equal([
        { title: "docs/a.md:2", detail: "links to gone.md, which does not exist" },
      ]);
    });
  });

  describe("a background block", () => {
    const server = (onInt: string): string[] => [
      `trap '${onInt}' INT`,
      "echo is up",
      "while true; do sleep 0.1; done",
    ];

    it("is there for the next blocks and gets Ctrl-C at the end of the page", async () => {
      const text =
        sh(' background="is up"', ...server("touch stopped; exit 0")) + sh("", "test ! -e stopped");
      const result = await runText(text, (root) => expect(existsSync(`${root}/stopped`)).to.equal(true));
      expect(result.failures).to.deep.equal([]);
      expect(result.passed).to.equal(2);
    });

    it("is stopped when a later block fails, too", async () => {
      const text = sh(' background="is up"', ...server("touch stopped; exit 0")) + sh("", "false");
      const result = await runText(text, (root) => expect(existsSync(`${root}/stopped`)).to.equal(true));
      expect(result.failures.length).to.equal(1);
    });

    it("fails when it ends or stays silent instead of getting ready", async () => {
      const ended = await runText(sh(' background="is up"', "exit 3"));
      expect(ended.failures[0]?.detail).to.contain('ended with 3 before it printed "is up"');
      const silent = await runText(sh(' timeout=1 background="is up"', "sleep 30"));
      expect(silent.failures[0]?.detail).to.contain('did not print "is up" within 1 s');
    });
  });
});
