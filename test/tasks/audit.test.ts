import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { verifierKey } from "../../src/core/log/index.ts";
import { migrate, openPglite } from "../../src/sequencer/store/index.ts";
import { type FilledStream, fillStream } from "../sequencer/filled.ts";
import { expectOk, openTypist, type Typist } from "../support/cli.ts";
import { proofx } from "../support/proofx.ts";

describe("hardhat audit export", function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), "proofx-audit-task-"));
  const path = (name: string): string => join(folder, name);
  let stream: FilledStream;
  let typist: Typist;
  before(async () => {
    // The rows of this stream are not sealed.
    writeFileSync(path("proofx.toml"), `[store]\nfolder = "${path("log")}"\n[at_rest]\nmode = "optional"\n`);
    typist = openTypist({
      ...process.env,
      PROOFX_CONFIG: path("proofx.toml"),
      PROOFX_KEYS: path("keys"),
      DATABASE_URL: undefined,
    });
    const store = await openPglite(path("log"));
    try {
      await migrate(store, { backup: async () => {} });
      stream = await fillStream(store);
    } finally {
      await store.close();
    }
  });
  after(async () => {
    await typist.close();
    rmSync(folder, { recursive: true });
  });

  const collect = (...words: string[]) => {
    const of = ["audit", "export", "--tenant", stream.tenantId, "--store", stream.storeId];
    return typist.type([...of, ...words]);
  };

  it("writes a file for its owner alone, that proofx audit check finds to hold", async () => {
    expectOk(await collect("--sequences", "3,5-6", "--open", "--out", path("audit.json")));
    expect(statSync(path("audit.json")).mode & 0o777).to.equal(0o600);
    const key = verifierKey(stream.logKey);
    const { code, stdout } = await proofx(["audit", "check", path("audit.json"), "--log-key", key, "--json"]);
    expect(code, stdout).to.equal(0);
    expect(stdout).to.contain("sequence 5 is event");
  });

  it("refuses numbers that are none, and compliance proofs without their chain", async () => {
    for (const [words, said] of [
      [["--sequences", "9-x"], "--sequences: expected a decimal integer"],
      [["--sequences", "3", "--proof", "proof.json"], "--network: expected"],
    ] as const) {
      const { code, stderr } = await collect(...words, "--out", path("never.json"));
      expect(code).to.equal(2);
      expect(stderr).to.contain(said);
    }
  });
});
