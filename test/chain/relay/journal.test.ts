import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { ProofFileText } from "../../../src/chain/proof-file.ts";
import { Journal } from "../../../src/chain/relay/journal.ts";
import { Outbox } from "../../../src/chain/relay/outbox.ts";
import { CheckError } from "../../../src/core/errors.ts";

describe("The relayer's journal", () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "proofx-journal-"));
    path = join(folder, "journal");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function write(entries: readonly object[]): Buffer {
    const { journal } = Journal.open(path);
    for (const entry of entries) journal.append(entry);
    journal.close();
    return readFileSync(path);
  }

  function read(): { entries: readonly unknown[]; tornBytes: number } {
    const { journal, entries, tornBytes } = Journal.open(path);
    journal.close();
    return { entries, tornBytes };
  }

  const ENTRIES = [{ step: 1 }, { step: 2, text: "zwei\n" }, { step: 3 }];

  it("cut anywhere in its last line, keeps all lines before, and takes new ones", () => {
    const whole = write(ENTRIES);
    const lastLine = whole.lastIndexOf("\n", whole.length - 2) + 1;
    for (let length = lastLine; length < whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      const { entries, tornBytes } = read();
      expect(entries).to.deep.equal(ENTRIES.slice(0, 2));
      expect(tornBytes).to.equal(length - lastLine);
      expect(write([{ step: 4 }]).toString()).to.contain('"step":4');
      expect(read().entries).to.deep.equal([...ENTRIES.slice(0, 2), { step: 4 }]);
    }
  });

  it("cuts off a last line whose pages did not all reach the disk", () => {
    const whole = write(ENTRIES);
    const end = whole.length;
    writeFileSync(path, Buffer.concat([whole, Buffer.alloc(100), Buffer.from('": 1}\n')]));
    expect(read().entries).to.deep.equal(ENTRIES);
    expect(readFileSync(path).length).to.equal(end);
  });

  it("refuses a changed byte, a lost line and an exchanged one anywhere", () => {
    const whole = write(ENTRIES);
    const lines = whole.toString().split("\n");
    for (let at = 0; at < whole.length - 1; at++) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 1;
      writeFileSync(path, changed);
      expect(read, `byte ${at}`).to.throw(CheckError, "damaged");
    }
    const [header, first, second, third] = lines;
    for (const others of [
      [header, second, third],
      [header, second, first, third],
      [header, first, first, second],
      [first, second, third],
    ]) {
      writeFileSync(path, `${others.join("\n")}\n`);
      expect(read).to.throw(CheckError, "damaged");
    }
  });

  it("an append that failed half-way leaves nothing behind", () => {
    const { journal } = Journal.open(path);
    journal.append({ step: 1 });
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    expect(() => journal.append(circular)).to.throw();
    journal.append({ step: 2 });
    journal.close();
    expect(read().entries).to.deep.equal([{ step: 1 }, { step: 2 }]);
  });

  it("is written anew once most of it is history; ended submissions are forgotten after their time, live ones never", async () => {
    let now = 0;
    const options = { folder: join(folder, "outbox"), keepFor: 1_000, now: () => now };
    const outbox = await Outbox.open(options);
    try {
      const statement = { claim: {}, filler: "x".repeat(5_000) } as unknown as ProofFileText;
      const ended = outbox.accept("ended", statement);
      const live = outbox.accept("live", statement);
      if (ended.kind !== "new" || live.kind !== "new") throw new Error("expected two new submissions");
      outbox.put({ ...ended.record, state: "cancelled" });
      now = 2_000;
      for (let i = 0; i < 400; i++) outbox.put(live.record);
      expect(readFileSync(join(options.folder, "journal")).length).to.be.lessThan(1_100_000);
      expect(outbox.byKey("ended")).to.equal(undefined);
      expect(outbox.byKey("live")?.id).to.equal(live.record.id);
    } finally {
      await outbox.close();
    }
  });
});
