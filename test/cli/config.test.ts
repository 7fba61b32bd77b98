import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { proofx } from "../support/proofx.ts";

const ADMIN = "0x00000000000000000000000000000000000000a1";

describe("proofx config check", () => {
  const folder = mkdtempSync(join(tmpdir(), "proofx-config-"));
  after(() => rmSync(folder, { recursive: true }));

  const file = (text: string): string => {
    const path = join(folder, "proofx.toml");
    writeFileSync(path, text);
    return path;
  };
  const deploy = (admin: string): string =>
    `[deploy]\nadmin = "${admin}"\nadmin_delay = 1\ntimelock_delay = 0\nguardians = []\nsigners = []\npolicy_admins = []\n`;

  it("passes a file whose sections are filled in, also when only some are there", async () => {
    const { code, stdout } = await proofx(["config", "check", file(deploy(ADMIN))]);
    expect(code, stdout).to.equal(0);
    expect(stdout)
      .to.match(/^ok +\[deploy\]$/m)
      .and.to.match(/^absent +\[log\]$/m);
  });

  it("names the setting that the sample leaves to be filled in", async () => {
    const { code, stdout } = await proofx(["config", "check", "config/proofx.toml"]);
    expect(code).to.equal(2);
    expect(stdout).to.include("deploy.admin: expected an address that is not zero");
    expect(stdout.match(/^fault/gm)).to.have.length(1);
  });

  it("finds a misspelt section and a misspelt setting, which would be without effect", async () => {
    const { code, stdout } = await proofx([
      "config",
      "check",
      file(`[logs]\nlevel = "info"\n[log]\nlevl = "info"\n`),
    ]);
    expect(code).to.equal(2);
    expect(stdout).to.include("section: expected deploy").and.to.include('got "logs"');
    expect(stdout).to.include('log: expected no unknown field, got "levl"');
  });

  it("names the line that is no TOML", async () => {
    const { code, stderr } = await proofx(["config", "check", file("[log\n")]);
    expect(code).to.equal(2);
    expect(stderr).to.match(/proofx\.toml: Invalid TOML/);
  });

  it("says how to begin when there is no file", async () => {
    const { code, stderr } = await proofx(["config", "check", join(folder, "none.toml")]);
    expect(code).to.equal(4);
    expect(stderr).to.include("Next: cp config/proofx.toml my.toml");
  });

  it("answers in JSON, too", async () => {
    const { stdout } = await proofx(["config", "check", file(deploy(ADMIN)), "--json"]);
    expect(JSON.parse(stdout).findings).to.deep.include({ section: "deploy", status: "ok" });
  });
});
