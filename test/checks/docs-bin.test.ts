import { execFileSync } from "node:child_process";
import { delimiter, join } from "node:path";
import { expect } from "chai";
import { DOCS_HOST, DocsHost } from "../../scripts/checks/docs-host/server.ts";
import { ROOT, run } from "../../scripts/checks/support/process.ts";

const path = process.env.PATH ?? "";
const short = [join(ROOT, "scripts/checks/docs-bin"), path].join(delimiter);
const print = (PATH: string, ...words: string[]): string =>
  execFileSync("npx", words, { cwd: ROOT, encoding: "utf8", env: { ...process.env, PATH }, stdio: "pipe" });

describe("The documentation's commands", function () {
  this.timeout(60_000);

  it("are found by npm as they are found by the short way that the tests take", () => {
    for (const words of [
      ["proofx", "log", "--help"],
      ["hardhat", "keys", "--help"],
    ])
      expect(print(short, ...words), words.join(" ")).to.equal(print(path, ...words));
  });

  it("do the same in the process that has Hardhat loaded, each in the environment of its block", async () => {
    const host = await DocsHost.open();
    const typed = (script: string, socket: string | undefined) =>
      run(["bash", "-euo", "pipefail", "-c", script], {
        env: { ...process.env, PATH: short, CI: undefined, [DOCS_HOST]: socket },
      });
    const list = "PROOFX_KEYS=build/docs-bin-none npx hardhat keys list --json";
    try {
      for (const [script, code] of [
        ["npx hardhat --version", 0],
        [list, 0],
        [`${list} | head -c 4; echo -n "$(${list})"`, 0],
        ["npx hardhat policy list", 2],
        ["npx hardhat no-such-task", 1],
        [`echo '{}' | npx hardhat facts commit --in - --out build/docs-bin-never`, 2],
      ] as const) {
        const [here, alone] = [await typed(script, host.socket), await typed(script, undefined)];
        expect(here.code, here.output).to.equal(code);
        expect([here.code, here.output], script).to.deep.equal([alone.code, alone.output]);
      }
    } finally {
      await host.close();
    }
  });
});
