import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { proofx } from "../support/proofx.ts";

describe("proofx doctor", () => {
  const folder = mkdtempSync(join(tmpdir(), "proofx-doctor-"));
  after(() => rmSync(folder, { recursive: true }));

  it("finds nothing lacking where the tests run", async () => {
    const { code, stdout } = await proofx(["doctor"], { PROOFX_KEYS: folder });
    expect(code, stdout).to.equal(0);
    expect(stdout)
      .to.match(/^ok +chain/m)
      .and.to.include("Nothing is lacking.");
  });

  it("fails, and says how to mend it, when a keystore is open to others", async () => {
    chmodSync(folder, 0o755);
    const { code, stdout } = await proofx(["doctor"], { PROOFX_KEYS: folder });
    chmodSync(folder, 0o700);
    expect(code).to.equal(1);
    expect(stdout)
      .to.match(/^LACK +keystore/m)
      .and.to.include(`chmod 700 ${folder}`);
  });

  it("reads the configuration it is given", async () => {
    const { code, stdout } = await proofx(["doctor", "--config", "config/proofx.toml", "--json"]);
    expect(code).to.equal(1);
    const { findings } = JSON.parse(stdout);
    expect(findings.find(({ name }: { name: string }) => name === "config").status).to.equal("lack");
  });
});
