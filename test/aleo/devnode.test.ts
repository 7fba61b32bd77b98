import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { createBlocks, openLedger, startDevnode } from "../../src/aleo/index.ts";
import { UnavailableError } from "../../src/core/errors.ts";
import { needsDevnode } from "./support.ts";

describe("a development ledger", function () {
  this.timeout(200_000);
  let folder: string;
  before(function () {
    needsDevnode(this);
    folder = mkdtempSync(join(tmpdir(), "proofx-devnode-"));
  });
  after(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  it("with a folder goes on where it was, also when it was killed", async () => {
    const storage = join(folder, "ledger");
    const first = await startDevnode({ storage });
    let height: number;
    let hash: string | undefined;
    try {
      height = await first.advance(3);
      hash = (await openLedger(first.url).block(height))?.block_hash;
      process.kill(first.pid, "SIGKILL");
      await first.ended;
    } finally {
      await first.close();
    }
    const second = await startDevnode({ storage });
    try {
      const ledger = openLedger(second.url);
      expect(await ledger.isDevnode()).to.equal(true);
      expect(await ledger.height()).to.equal(height);
      expect((await ledger.block(height))?.block_hash).to.equal(hash);
      expect(await createBlocks(second.url, 1)).to.equal(height + 1);
    } finally {
      await second.close();
    }
  });

  it("says why it did not start, and leaves no process", async () => {
    const failed = await startDevnode({
      program: {
        command: process.execPath,
        args: ["-e", "console.error('no such library'); process.exit(1)"],
        libraries: "system",
      },
    }).catch((error: unknown) => error);
    expect(failed).to.be.instanceOf(UnavailableError);
    expect((failed as Error).message).to.contain("no such library");
    const missing = await startDevnode({
      program: { command: join(folder, "nothing"), args: [], libraries: "system" },
    }).catch((error: unknown) => error);
    expect(missing).to.be.instanceOf(UnavailableError);
  });
});
