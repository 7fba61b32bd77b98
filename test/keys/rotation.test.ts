import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { CheckError, InputError, RefusedError } from "../../src/core/errors.ts";
import {
  openKeyProvider,
  RotationRecords,
  readRotations,
  retireKey,
  rotateKey,
} from "../../src/keys/index.ts";
import { matchesPattern, nextName } from "../../src/keys/rotation/pattern.ts";
import { open, rejection, temporaryFolder } from "./support.ts";

describe("rotation of a key", () => {
  let temporary: ReturnType<typeof temporaryFolder>;
  let folder: string;
  let records: RotationRecords;
  beforeEach(() => {
    temporary = temporaryFolder();
    folder = join(temporary.path, "keys");
    records = new RotationRecords(folder);
  });
  afterEach(() => temporary[Symbol.dispose]());

  const rotate = (name = "signer") => rotateKey(open(folder), records, name);
  const retire = (name = "signer") => retireKey(open(folder), records, name);
  const names = async () => (await open(folder).list()).map(({ name }) => name);
  const edit = (path: string, change: (record: Record<string, object>) => object) =>
    writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, "utf8")))));

  it("makes a successor of the same algorithm, and the old key keeps signing", async () => {
    for (const algorithm of ["secp256k1", "ed25519"] as const) {
      const name = `key-${algorithm}`;
      const old = await open(folder).create(name, algorithm);
      const { from, to } = await rotate(name);
      expect(from).to.deep.equal(old);
      expect(to).to.include({ name: `${name}.v2`, algorithm });
      expect(to.publicKey).to.not.equal(old.publicKey);
      if (algorithm === "ed25519") await open(folder).signMessage(name, new Uint8Array(1));
      else await open(folder).signDigest(name, new Uint8Array(32));
    }
  });

  it("while it is pending goes on with the same successor, however often and from how many at once", async () => {
    await open(folder).create("signer", "secp256k1");
    const many = await Promise.all(Array.from({ length: 6 }, () => rotate()));
    const again = await rotate();
    for (const rotation of many) expect(rotation).to.deep.equal(again);
    expect(await names()).to.deep.equal(["signer", "signer.v2"]);
    expect(readdirSync(join(folder, "rotations")).sort()).to.deep.equal(["signer.begun", "signer.replaced"]);
  });

  it("needs no passphrase to say again what is pending", async () => {
    await open(folder).create("signer", "secp256k1");
    const first = await rotate();
    const keys = openKeyProvider({ folder, passphrase: { read: () => Promise.reject(new Error("asked")) } });
    expect(await rotateKey(keys, records, "signer")).to.deep.equal(first);
  });

  it("once retired, starts from the version in use, under any of its names", async () => {
    await open(folder).create("signer", "secp256k1");
    await rotate();
    expect((await retire()).to.name).to.equal("signer.v2");
    expect((await rotate("signer")).to.name).to.equal("signer.v3");
    expect((await rotate("signer.v2")).to.name).to.equal("signer.v3");
    await retire("signer");
    const { successors, retired } = await readRotations(await open(folder).list(), records);
    expect([...successors]).to.deep.equal([
      ["signer", "signer.v2"],
      ["signer.v2", "signer.v3"],
    ]);
    expect([...retired]).to.deep.equal(["signer", "signer.v2"]);
  });

  it("knows the version in use after retired ones were deleted, and what is left is still believed", async () => {
    await open(folder).create("signer", "secp256k1");
    for (let i = 0; i < 2; i++) {
      await rotate();
      await retire();
    }
    rmSync(join(folder, "signer.v2.json"));
    const { retired } = await readRotations(await open(folder).list(), records);
    expect([...retired]).to.deep.equal(["signer"]);
    expect((await rotate("signer")).from.name).to.equal("signer.v3");
    rmSync(join(folder, "signer.json"));
    expect((await rotate("signer")).from.name).to.equal("signer.v3");
  });

  it("refuses a key for wrapping, which can sign no record, and leaves nothing of the attempt", async () => {
    await open(folder).create("log-master", "aes-256");
    const error = await rejection(rotate("log-master"));
    expect(error).to.be.instanceOf(InputError);
    expect(error.next).to.contain("log keys rotate --master");
    expect(await names()).to.deep.equal(["log-master"]);
    expect(readdirSync(folder)).to.deep.equal(["log-master.json"]);
  });

  it("takes a name above every version there is", () => {
    expect(nextName("signer", ["signer"])).to.equal("signer.v2");
    expect(nextName("signer.v2", ["signer.v7", "signer.v2", "other.v9"])).to.equal("signer.v8");
    expect(nextName("a.v", ["a.v"])).to.equal("a.v.v2");
    expect(() => nextName("a".repeat(63), [])).to.throw(InputError);
    expect(matchesPattern("signer", "signer.v3")).to.equal(true);
    expect(matchesPattern("signer", "signer-b")).to.equal(false);
    expect(matchesPattern("signer-*", "signer-b.v2")).to.equal(true);
    expect(matchesPattern("*", "anything")).to.equal(true);
  });

  it("refuses to retire what has no successor, and to rotate what is not there", async () => {
    await open(folder).create("signer", "secp256k1");
    const error = await rejection(retire());
    expect(error).to.be.instanceOf(RefusedError);
    expect(error.next).to.equal("npx hardhat keys rotate --name signer");
    expect(await rejection(rotate("other"))).to.be.instanceOf(InputError);
  });

  it("never takes over a key that somebody made under the successor's name", async () => {
    await open(folder).create("signer", "secp256k1");
    await open(folder).create("signer.v2", "secp256k1");
    expect((await rotate()).to.name).to.equal("signer.v3");

    // The name was chosen, and then somebody put an older key of their own there.
    await open(folder).create("admin", "secp256k1");
    await rotate("admin");
    rmSync(records.path("replaced", "admin"));
    const later = new Date(Date.now() + 3_600_000).toISOString();
    edit(records.path("begun", "admin"), (begun) => ({ ...begun, begunAt: later }));
    expect(await rejection(rotate("admin"))).to.be.instanceOf(RefusedError);
  });

  describe("its records cannot be made by whoever can write files, but has no key", () => {
    const believed = async () => readRotations(await open(folder).list(), records);
    beforeEach(async () => {
      await open(folder).create("signer", "secp256k1");
      await open(folder).create("agent", "ed25519");
      await rotate();
      await rotate("agent");
      await retire();
    });
    const refuses = async (file: string) => {
      const error = await rejection(believed());
      expect(error).to.be.instanceOf(CheckError);
      expect(error.message).to.contain(file);
    };

    for (const [what, step, name, change] of [
      ["time of the replacement", "replaced", "signer", { replacedAt: "2026-01-01T00:00:00.000Z" }],
      ["time of an agent's", "replaced", "agent", { replacedAt: "2026-01-01T00:00:00.000Z" }],
      ["time of retiring", "retired", "signer", { retiredAt: "2026-01-01T00:00:00.000Z" }],
      ["signatures", "replaced", "agent", { signatures: { from: `0x${"11".repeat(64)}`, to: "0x" } }],
    ] as const) {
      it(`an edited ${what}`, async () => {
        const path = records.path(step, name);
        edit(path, (record) => ({ ...record, ...change }));
        await refuses(path);
      });
    }

    it("one that the successor, or the old key, did not sign", async () => {
      const path = records.path("replaced", "signer");
      const text = readFileSync(path, "utf8");
      for (const side of ["from", "to"]) {
        edit(path, (record) => ({
          ...record,
          signatures: { ...record.signatures, [side]: `0x${"11".repeat(64)}` },
        }));
        await refuses(path);
        writeFileSync(path, text);
      }
      await believed();
    });

    it("another key's record, a successor that is not its, and a key that was exchanged", async () => {
      const path = records.path("retired", "agent");
      copyFileSync(records.path("retired", "signer"), path);
      await refuses(path);
      rmSync(path);
      const replaced = records.path("replaced", "agent");
      edit(replaced, (record) => ({ ...record, to: { ...record.to, name: "agent" } }));
      await refuses(replaced);
    });

    it("a record that is torn", async () => {
      const path = records.path("replaced", "signer");
      for (const text of ["", "{", readFileSync(path, "utf8").slice(0, 90)]) {
        writeFileSync(path, text);
        await refuses(path);
      }
    });

    it("a retirement that only the file system says: it leads no rotation elsewhere", async () => {
      const path = records.path("retired", "agent");
      const signer = JSON.parse(readFileSync(records.path("retired", "signer"), "utf8"));
      writeFileSync(path, JSON.stringify({ ...signer, successor: { ...signer.successor, name: "signer" } }), {
        mode: 0o600,
      });
      expect(await rejection(rotate("agent"))).to.be.instanceOf(CheckError);
      rmSync(records.path("replaced", "agent"));
      expect(await rejection(rotate("agent"))).to.be.instanceOf(CheckError);
    });
  });
});
