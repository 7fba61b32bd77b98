import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { CeremonyVerification } from "../../src/setup/ceremony/index.ts";
import { openWorkshop, type Workshop } from "../setup/support/ceremony.ts";
import { keepWorkers } from "../setup/support/small.ts";
import { proofx } from "../support/proofx.ts";

const CIRCUIT = "test/setup/fixtures/small.circom";

describe("proofx ceremony verify", function () {
  this.timeout(60_000);
  keepWorkers();
  let shop: Workshop;

  before(async () => {
    shop = await openWorkshop();
    await shop.begin();
    await shop.contribute(0);
    await shop.contribute(1);
    await shop.finish();
  });

  const verify = (...args: string[]) =>
    proofx(["ceremony", "verify", ...args, "--ptau", shop.given.ptau, "--circuit", CIRCUIT]);

  it("tells a stranger that a ceremony holds, and what to look up", async () => {
    const { code, stdout, stderr } = await verify(shop.folder);
    expect(code, stderr).to.equal(0);
    expect(stdout)
      .to.contain("The ceremony 001-small holds")
      .and.contain("note  look the beacon's value up")
      .and.contain(`2  Blaise, signed by ${shop.publicKeys[1]}`)
      .and.contain("OF UNKNOWN ORIGIN")
      .and.contain("phase 2 had 2 contributors");
  });

  it("names the file that is wrong and exits with 1", async () => {
    const folder = await shop.copy();
    const path = join(folder, "contributions/0002.json");
    writeFileSync(path, readFileSync(path, "utf8").replace('"from": "0x', '"from": "0X'));
    const { code, stdout } = await verify(folder, "--json");
    expect(code).to.equal(1);
    const { firstWrong } = JSON.parse(stdout) as CeremonyVerification;
    expect(firstWrong?.where).to.equal("contributions/0002.json");
  });

  it("never says that it holds without the last proving key: it exits with 4", async () => {
    const folder = await shop.copy();
    rmSync(join(folder, "keys/final.zkey"));
    const { code, stdout } = await verify(folder);
    expect(code).to.equal(4);
    expect(stdout).to.contain("was NOT checked").and.not.contain("holds");
  });

  it("says what is missing, not that something is wrong, where there is no ceremony", async () => {
    const { code, stderr } = await verify(join(shop.folder, "nowhere"));
    expect(code).to.equal(4);
    expect(stderr).to.contain("there is no ceremony");
  });
});
