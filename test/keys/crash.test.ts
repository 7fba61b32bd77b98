import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { open, temporaryFolder } from "./support.ts";

const CHILD = fileURLToPath(new URL("./crash-child.ts", import.meta.url));
const MOST_CALLS = 30;

describe("keystore: kill -9 while a key is made", () => {
  it("leaves nothing or a whole key, and the next attempt works, whatever call it hits", async function () {
    this.timeout(120_000);
    const left: number[] = [];
    let temporaryFiles = 0;
    for (let crashAt = 0; ; crashAt++) {
      expect(crashAt, "calls until the key is made").to.be.below(MOST_CALLS);
      using temporary = temporaryFolder();
      const folder = join(temporary.path, "keys");
      const child = spawnSync(process.execPath, [CHILD, folder, String(crashAt)], { encoding: "utf8" });
      if (child.status === 0) break;
      expect(child.signal, child.stderr).to.equal("SIGKILL");

      const keys = await open(folder).list();
      left.push(keys.length);
      if (keys.length === 0) await open(folder).create("deployer", "secp256k1");
      await open(folder).signDigest("deployer", new Uint8Array(32));
      temporaryFiles += readdirSync(folder).filter((name) => name.endsWith(".tmp")).length;
    }
    // Both outcomes were met, in this order, and torn temporary files were there to be ignored.
    expect(left.join("")).to.match(/^0{4,}1{2,}$/);
    expect(temporaryFiles).to.be.above(0);
  });
});
