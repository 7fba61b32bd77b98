import { execFileSync } from "node:child_process";
import { delimiter, join } from "node:path";
import { expect } from "chai";
import { ROOT } from "../../scripts/checks/support/process.ts";

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
});
