import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { toHex } from "../../../src/core/bytes.ts";
import { CheckError, RefusedError } from "../../../src/core/errors.ts";
import {
  compareWithChain,
  promoteFolder,
  requireWhole,
  restoreBackup,
  streamsOf,
  takeBackup,
  type VerifiedBackup,
  verifyBackup,
} from "../../../src/sequencer/backup/index.ts";
import { migrate, openPglite } from "../../../src/sequencer/store/index.ts";
import { type FilledStream, fillStream } from "../filled.ts";
import { emptyStore } from "../support.ts";

describe("A restored log", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "proofx-promote-"));
  const path = (name: string): string => join(folder, name);
  let stream: FilledStream;
  let backup: VerifiedBackup;
  before(async () => {
    const test = await emptyStore("pglite");
    try {
      stream = await fillStream(test.store, { events: 30, batch: 8 });
      await takeBackup(test.store, path("log.gz"));
    } finally {
      await test.close();
    }
    backup = await verifyBackup(path("log.gz"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const headOf = (end: bigint, stateRoot: Uint8Array) => async () => ({ end, stateRoot });
  const someRoot = new Uint8Array(32).fill(1);

  it("that has all that is anchored may be promoted", async () => {
    const root = backup.streams[0]?.batches[1]?.stateRoot ?? someRoot;
    const compared = await compareWithChain(backup.streams, headOf(16n, root));
    requireWhole(compared);
    expect(compared).to.deep.equal([{ streamId: stream.streamId, head: 32n, anchored: 16n }]);
  });

  it("may be promoted while the chain knows nothing of it", async () => {
    requireWhole(await compareWithChain(backup.streams, async () => undefined));
    requireWhole(await compareWithChain(backup.streams, headOf(0n, new Uint8Array(32))));
  });

  it("is refused when the chain is ahead, and the missing sequence numbers are named", async () => {
    const compared = await compareWithChain(backup.streams, headOf(40n, someRoot));
    expect(() => requireWhole(compared)).to.throw(
      CheckError,
      `stream ${toHex(stream.streamId)} lacks sequences 33 to 40`,
    );
  });

  for (const [what, end] of [
    ["has another history", 16n],
    ["ends within one of its batches", 13n],
  ] as const)
    it(`is refused when the chain ${what}`, async () => {
      const error = await compareWithChain(backup.streams, headOf(end, someRoot)).catch((reason) => reason);
      expect(error).to.be.instanceOf(CheckError);
    });

  it("takes the current folder's place once nobody has either open, and the old one is kept", async () => {
    const [current, beside] = [path("place/log"), path("place/restored")];
    const old = await openPglite(current);
    await migrate(old, { backup: async () => {} });
    const restored = await openPglite(beside);
    await restoreBackup(restored, path("log.gz"));
    await restored.close();
    const early = await promoteFolder(current, beside, 0).catch((reason) => reason);
    expect(early).to.be.instanceOf(RefusedError);
    expect(existsSync(beside)).to.equal(true);
    await old.close();
    const { old: kept } = await promoteFolder(current, beside, 0);
    expect(existsSync(kept ?? "")).to.equal(true);
    expect(existsSync(beside)).to.equal(false);
    const promoted = await openPglite(current);
    try {
      expect((await streamsOf(promoted)).map(({ head }) => head)).to.deep.equal([32n]);
    } finally {
      await promoted.close();
    }
  });

  it("whose promotion was cut short between the two renames is promoted by the same command", async () => {
    const store = await openPglite(path("cut/restored"));
    await restoreBackup(store, path("log.gz"));
    await store.close();
    expect(await promoteFolder(path("cut/log"), path("cut/restored"), 0)).to.deep.equal({ old: undefined });
    expect(existsSync(path("cut/log"))).to.equal(true);
  });
});
