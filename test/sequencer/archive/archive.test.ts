import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { expect } from "chai";
import { CheckError, InputError, ProofXError } from "../../../src/core/errors.ts";
import {
  archivePayloads,
  lastBefore,
  requireKnown,
  verifyArchive,
} from "../../../src/sequencer/archive/index.ts";
import { exportAudit } from "../../../src/sequencer/audit-file/index.ts";
import { takeBackup, verifyBackup } from "../../../src/sequencer/backup/index.ts";
import { type FilledStream, fillStream, openPlain } from "../filled.ts";
import { emptyStore, KINDS, type TestStore } from "../support.ts";

for (const kind of KINDS)
  describe(`Archiving on ${kind}`, function () {
    this.timeout(120_000);
    const folder = mkdtempSync(join(tmpdir(), "proofx-archive-"));
    let test: TestStore;
    let stream: FilledStream;
    let leaves: unknown;
    before(async () => {
      test = await emptyStore(kind);
      stream = await fillStream(test.store, { events: 48, batch: 16 });
      leaves = await leavesOf();
    });
    after(async () => {
      await test?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const key = () => ({ tenant: stream.tenantId, store: stream.storeId });
    const archive = (through: bigint) => archivePayloads(test.store, { stream: key(), through, folder });
    const query = <Row>(text: string) =>
      test.store.as("owner").transaction(null, (sql) => sql.query<Row>(text));
    const leavesOf = () =>
      query("SELECT sequence, event_id, signing_hash, leaf FROM proofx.events ORDER BY sequence");
    const emptied = async (): Promise<bigint[]> =>
      (
        await query<{ sequence: bigint }>(
          "SELECT sequence FROM proofx.events WHERE length(payload) = 0 ORDER BY 1",
        )
      ).map(({ sequence }) => sequence);
    const files = () => readdirSync(folder).filter((name) => name.endsWith("-archive.gz"));

    it("is refused beyond the newest checkpoint", async () => {
      const error = await archive(51n).catch((reason) => reason);
      expect(error).to.be.instanceOf(InputError);
      expect(files()).to.deep.equal([]);
    });

    it("moves payloads into a file that holds by itself, and empties nothing that the log's keys rest on", async () => {
      expect(await archive(20n)).to.deep.equal([
        { file: join(folder, files()[0] ?? ""), start: 1n, end: 20n },
      ]);
      const verified = await verifyArchive(join(folder, files()[0] ?? ""));
      expect(verified).to.include({ start: 1n, end: 20n, payloads: 20 });
      await requireKnown(test.store, verified);
      expect(await emptied()).to.deep.equal(Array.from({ length: 18 }, (_, i) => BigInt(i + 3)));
      expect(gunzipSync(readFileSync(join(folder, files()[0] ?? ""))).toString()).to.contain("order-20");
    });

    it("leaves every leaf as it was: proofs go on, and so do backups", async () => {
      expect(await leavesOf()).to.deep.equal(leaves);
      const file = await exportAudit(test.store.as("app"), {
        tenantId: stream.tenantId,
        storeId: stream.storeId,
        sequences: [5n],
        openOwn: openPlain,
        proofs: [],
      });
      expect(file.entries).to.have.length(1);
      await takeBackup(test.store, join(folder, "backup/log.gz"));
      expect((await verifyBackup(join(folder, "backup/log.gz"))).streams[0]?.head).to.equal(50n);
    });

    it("goes on where it stopped: after the last range, and nothing when all is archived", async () => {
      expect(await archive(20n)).to.deep.equal([]);
      const [next] = await archive(33n);
      expect(next).to.include({ start: 21n, end: 33n });
      const [first, second] = await Promise.all(
        files()
          .toSorted((a, b) => a.length - b.length)
          .map((name) => verifyArchive(join(folder, name))),
      );
      expect(second?.rootBefore).to.deep.equal(first?.rootAtEnd);
    });

    it("killed after the file was recorded and before the rows were emptied, is finished by the same call", async () => {
      await query("UPDATE proofx.events SET payload = 'x' WHERE sequence IN (25, 30)");
      expect(await emptied()).not.to.include(25n);
      const [finished] = await archive(33n);
      expect(finished).to.include({ start: 21n, end: 33n });
      expect(await emptied()).to.include.members([25n, 30n]);
    });

    it("empties nothing when the recorded file is gone or altered", async () => {
      const name = files().find((each) => each.includes("-21-")) ?? "";
      const content = readFileSync(join(folder, name));
      await query("UPDATE proofx.events SET payload = 'x' WHERE sequence = 25");
      rmSync(join(folder, name));
      expect(await archive(40n).catch((reason) => reason)).to.be.instanceOf(ProofXError);
      writeFileSync(join(folder, name), readFileSync(join(folder, files()[0] ?? "")));
      expect(await archive(40n).catch((reason) => reason)).to.be.instanceOf(CheckError);
      expect(await emptied()).not.to.include(25n);
      writeFileSync(join(folder, name), content);
      await archive(33n);
    });

    it("finds the last event before a time", async () => {
      const at = (n: number) => BigInt(Date.UTC(2026, 0, 30, 12)) + BigInt(n) * 1000n;
      const app = test.store.as("app");
      expect(await lastBefore(app, key(), at(10))).to.equal(9n);
      expect(await lastBefore(app, key(), at(0))).to.equal(0n);
      expect(await lastBefore(app, key(), at(1000))).to.equal(50n);
    });

    if (kind === "pglite")
      it("whose file has any line altered or dropped does not verify", async () => {
        const path = join(folder, files().find((each) => each.includes("-1-20")) ?? "");
        const lines = gunzipSync(readFileSync(path)).toString().trimEnd().split("\n");
        for (const [i, line] of lines.entries()) {
          const middle = Math.floor(line.length / 2);
          const other = line[middle] === "1" ? "2" : "1";
          for (const changed of [
            lines.toSpliced(i, 1),
            lines.with(i, line.slice(0, middle) + other + line.slice(middle + 1)),
          ]) {
            writeFileSync(join(folder, "changed.gz"), gzipSync(`${changed.join("\n")}\n`));
            const error = await verifyArchive(join(folder, "changed.gz")).catch((reason) => reason);
            expect(error, `line ${i}`).to.be.instanceOf(ProofXError);
          }
        }
      });
  });
