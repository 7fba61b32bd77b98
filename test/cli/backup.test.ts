import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { migrate, openPglite } from "../../src/sequencer/store/index.ts";
import { fillStream, STORE, TENANT } from "../sequencer/filled.ts";
import { proofx } from "../support/proofx.ts";

describe("proofx log backup, restore and promote", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "proofx-backups-"));
  const path = (name: string): string => join(folder, name);
  before(async () => {
    writeFileSync(path("proofx.toml"), `[store]\nfolder = "${path("log")}"\n`);
    const store = await openPglite(path("log"));
    try {
      await migrate(store, { backup: async () => {} });
      await fillStream(store);
    } finally {
      await store.close();
    }
  });
  after(() => rmSync(folder, { recursive: true }));
  const log = (...args: string[]) => proofx(["log", ...args], { DATABASE_URL: undefined });

  it("take one, read it back, restore it beside and put it in the log's place", async () => {
    const taken = await log("backup", "--config", path("proofx.toml"), "--out", path("out/log.gz"));
    expect(taken.code, taken.stderr).to.equal(0);
    expect(taken.stdout).to.contain("read back: 1 streams whole, 8 events");
    const verified = await log("backup", "verify", path("out/log.gz"), "--json");
    expect(JSON.parse(verified.stdout).streams[0].head).to.equal("8");
    const restored = await log("restore", path("out/log.gz"), "--into", path("beside"));
    expect(restored.code, restored.stderr).to.equal(0);
    expect(restored.stdout)
      .to.contain("restored 1 streams, 8 events")
      .and.to.contain("not compared with a chain");
    const blind = await log("promote", path("beside"), "--config", path("proofx.toml"));
    expect(blind.code).to.equal(2);
    const done = await log("promote", path("beside"), "--config", path("proofx.toml"), "--without-chain");
    expect(done.code, done.stderr).to.equal(0);
    expect(done.stdout).to.contain("the old log is kept in");
    expect(existsSync(path("beside"))).to.equal(false);
  });

  it("archive payloads into a file that verifies by itself and against the log", async () => {
    const of = ["--tenant", TENANT, "--store", STORE, "--config", path("proofx.toml")];
    const done = await log("archive", ...of, "--through", "5", "--folder", path("archives"), "--json");
    expect(done.code, done.stderr).to.equal(0);
    const { file } = JSON.parse(done.stdout).archived[0];
    const verified = await log("archive", "verify", file, "--known", "--config", path("proofx.toml"));
    expect(verified.code, verified.stderr).to.equal(0);
    expect(verified.stdout).to.contain("sequences 1 to 5").and.to.contain("the log knows it");
    expect((await log("archive", ...of.slice(2), "--through", "5")).code).to.equal(2);
  });

  it("make no empty log where one was to be read, and promote none", async () => {
    writeFileSync(
      path("nowhere.toml"),
      `[store]\nfolder = "${path("nowhere")}"\n[keys]\nwork_factor = 10\n[at_rest]\n`,
    );
    const of = ["--config", path("nowhere.toml")];
    const stream = ["--tenant", TENANT, "--store", STORE];
    for (const line of [
      ["verify"],
      ["backup", "--out", path("out/none.gz")],
      ["archive", ...stream, "--through", "5"],
      ["service-keys", "list"],
    ]) {
      const { code, stderr } = await log(...line, ...of);
      expect(code, stderr).to.equal(4);
      expect(stderr)
        .to.contain(`no log at ${path("nowhere")}`)
        .and.to.contain("npx proofx log init");
    }
    const promoted = await log(
      "promote",
      path("nothing"),
      "--config",
      path("proofx.toml"),
      "--without-chain",
    );
    expect(promoted.code, promoted.stderr).to.equal(2);
    expect([existsSync(path("nowhere")), existsSync(path("nothing"))]).to.deep.equal([false, false]);
  });

  it("never write over a backup, and never restore over a log", async () => {
    const again = await log("backup", "--config", path("proofx.toml"), "--out", path("out/log.gz"));
    expect(again.code).to.equal(2);
    expect((await log("restore", path("out/log.gz"), "--into", path("log"))).code).to.equal(3);
  });
});
