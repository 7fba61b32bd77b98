import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { readAleoSettings } from "../../src/aleo/settings.ts";

describe("the [aleo] settings", () => {
  const folder = mkdtempSync(join(tmpdir(), "proofx-aleo-settings-"));
  after(() => rmSync(folder, { recursive: true }));

  const read = (text: string) => {
    const file = join(folder, "proofx.toml");
    writeFileSync(file, text);
    return readAleoSettings(file);
  };

  it("are the sample's, where a file leaves them out", () => {
    const { url: _, ...sample } = readAleoSettings("config/proofx.toml");
    expect(readAleoSettings(undefined)).to.deep.equal(sample);
    expect(read('[log]\nlevel = "info"\n')).to.deep.equal(sample);
  });

  it("take an URL with or without a slash at its end, and none that carries a password", () => {
    expect(read('[aleo]\nurl = "http://127.0.0.1:3030/"\n').url).to.equal("http://127.0.0.1:3030");
    expect(() => read('[aleo]\nurl = "https://me:secret@node.example"\n')).to.throw(
      "without a user or password",
    );
    expect(() => read('[aleo]\nurl = "file:///etc/passwd"\n')).to.throw(
      "aleo.url: expected the http or https URL",
    );
  });

  it("refuse what is misspelt or out of range, by name", () => {
    expect(() => read("[aleo]\nmaxfee = 1\n")).to.throw('aleo: expected no unknown field, got "maxfee"');
    expect(() => read("[aleo.alerts]\nfailure_rate = 10\n")).to.throw(
      "aleo.alerts.failure_rate: expected a share from 0 to 1, got 10",
    );
    expect(() => read("[aleo]\nmax_fee = -1\n")).to.throw("aleo.max_fee: expected an integer from 0");
  });
});
