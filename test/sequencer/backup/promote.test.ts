import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { toHex } from "../../../src/core/bytes.ts";
import { CheckError, RefusedError } from "../../../src/core/errors.ts";
import {
  closeAsAnchored,
  compareWithChain,
  promoteFolder,
  requireWhole,
  restoreBackup,
  streamsOf,
  takeBackup,
  type VerifiedBackup,
  verifyBackup,
} from "../../../src/sequencer/backup/index.ts";
import { BATCH_COLUMNS, type BatchRow } from "../../../src/sequencer/batches/rows.ts";
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

  describe("that has anchored events in no batch yet", () => {
    const keyed = () => ({ tenant: stream.tenantId, store: stream.storeId });
    /** A log whose last two batches were closed, and anchored, after its backup. */
    const behind = async () => {
      const test = await emptyStore("pglite");
      await restoreBackup(test.store, path("log.gz"));
      const rows = () =>
        test.store
          .as("owner")
          .transaction(null, (sql) =>
            sql.query<BatchRow>(`SELECT ${BATCH_COLUMNS} FROM proofx.batches b ORDER BY batch_index`),
          );
      const all = await rows();
      await test.store
        .as("owner")
        .transaction(null, (sql) => sql.query("DELETE FROM proofx.batches WHERE end_sequence > 16"));
      const onChain = all.map(({ endSequence: end, stateRoot }) => ({ end, stateRoot }));
      return { ...test, rows, all, onChain };
    };

    it("has them closed where the chain closes them, and goes on from there", async () => {
      const { store, rows, all, onChain, close } = await behind();
      try {
        const compared = await compareWithChain(
          await streamsOf(store),
          headOf(24n, onChain[2]?.stateRoot ?? someRoot),
        );
        expect(compared[0]?.unbatched).to.deep.equal({ from: 17n, to: 24n });
        expect(await closeAsAnchored(store, keyed(), onChain.slice(0, 3), 1)).to.equal(1);
        expect(await closeAsAnchored(store, keyed(), onChain, 1)).to.equal(1);
        const past = ({ closedAt: _, ...batch }: BatchRow) => batch;
        expect((await rows()).map(past)).to.deep.equal(all.map(past));
        expect(await closeAsAnchored(store, keyed(), onChain, 1)).to.equal(0);
      } finally {
        await close();
      }
    });

    it("is refused, and left as it is, when the chain has other events", async () => {
      const { store, rows, onChain, close } = await behind();
      try {
        const other = onChain.map((batch) => (batch.end === 32n ? { ...batch, stateRoot: someRoot } : batch));
        const error = await closeAsAnchored(store, keyed(), other, 1).catch((reason) => reason);
        expect(error).to.be.instanceOf(CheckError);
        expect(error.message).to.contain("up to 32");
        const places = onChain.slice(2).map((batch) => ({ ...batch, end: batch.end + 1n }));
        const moved = await closeAsAnchored(store, keyed(), places, 1).catch((reason) => reason);
        expect(moved).to.be.instanceOf(CheckError);
        expect((await rows()).length).to.equal(2);
      } finally {
        await close();
      }
    });
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
