import fs, {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import promises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { takeProcessLock } from "../../../src/chain/process-lock.ts";
import { putInPlace, unpackBackup } from "../../../src/ops/backup/index.ts";

describe("What a backup is unpacked into", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "proofx-restore-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("is gone with the next run when a run was killed, under any name, but not while another works there", async () => {
    const [left, busy] = [".drill.unpacking", ".other.unpacking"].map((name) => join(folder, name)) as [
      string,
      string,
    ];
    for (const place of [left, busy]) {
      mkdirSync(place);
      writeFileSync(join(place, "log.gz"), "in clear");
    }
    const unlock = takeProcessLock(`${busy}.lock`);
    try {
      const none = { identities: [] } as unknown as Parameters<typeof unpackBackup>[2];
      const failed = await unpackBackup(join(folder, "no.backup"), join(folder, "next"), none, {
        signers: {},
        unverified: true,
      }).catch((error: unknown) => error);
      expect(failed).to.be.instanceOf(Error);
    } finally {
      unlock?.();
    }
    expect([existsSync(left), existsSync(busy)]).to.deep.equal([false, true]);
    expect(fs.readdirSync(folder).filter((name) => name.startsWith(".next"))).to.deep.equal([]);
  });

  it("is on the disk elsewhere, with its folders, before the source is removed", async () => {
    const from = join(folder, "from");
    const place = join(folder, "place");
    mkdirSync(join(from, "deep"), { recursive: true });
    writeFileSync(join(from, "deep", "key"), "secret");
    const { fsyncSync, rmSync: remove } = fs;
    const { rename } = promises;
    const did: string[] = [];
    fs.fsyncSync = (fd) => {
      did.push(`sync ${readlinkSync(`/proc/self/fd/${fd}`).slice(folder.length)}`);
      fsyncSync(fd);
    };
    fs.rmSync = (path, options) => {
      if (String(path) === from) did.push("remove");
      remove(path, options);
    };
    // As between two file systems.
    promises.rename = async (source, target) => {
      if (String(source) === from) throw Object.assign(new Error("cross-device"), { code: "EXDEV" });
      await rename(source, target);
      did.push("rename");
    };
    syncBuiltinESMExports();
    try {
      expect(await putInPlace(from, place)).to.equal(true);
    } finally {
      Object.assign(fs, { fsyncSync, rmSync: remove });
      promises.rename = rename;
      syncBuiltinESMExports();
    }
    const synced = ["/deep/key", "/deep", ""].map((name) => `sync /place.restoring${name}`);
    expect(did).to.deep.equal([...synced, "rename", "remove"]);
    expect(readFileSync(join(place, "deep", "key"), "utf8")).to.equal("secret");
  });
});
