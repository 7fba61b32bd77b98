import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { armor, Decrypter } from "age-encryption";
import { expect } from "chai";
import { recoverAddress, Signature, sha256, toUtf8Bytes } from "ethers";
import { fromHex, toHex } from "../../src/core/bytes.ts";
import { CheckError, InputError, RefusedError } from "../../src/core/errors.ts";
import { openKeyProvider } from "../../src/keys/index.ts";
import { DIGEST, keepsToThePort } from "./contract.ts";
import { copyVectors, FAST, open, PASSPHRASE, passphrase, rejection, temporaryFolder } from "./support.ts";

describe("keystore", () => {
  let temporary: ReturnType<typeof temporaryFolder>;
  let folder: string;
  beforeEach(() => {
    temporary = temporaryFolder();
    folder = join(temporary.path, "keys");
  });
  afterEach(() => temporary[Symbol.dispose]());

  const fileOf = (name: string) => join(folder, `${name}.json`);
  const readKey = (name: string) => JSON.parse(readFileSync(fileOf(name), "utf8"));
  const writeKey = (name: string, value: object) => writeFileSync(fileOf(name), JSON.stringify(value));
  /** The private key, got at as its owner could: with the passphrase and any age program. */
  const secretOf = async (name: string): Promise<Uint8Array> => {
    const decrypter = new Decrypter();
    decrypter.addPassphrase(PASSPHRASE);
    return (await decrypter.decrypt(armor.decode(readKey(name).ciphertext))).subarray(0, 32);
  };

  describe("known answers: a keystore that an independent age implementation wrote (test/vectors/keys/make.py)", () => {
    it("signs the RFC 6979 example for secp256k1 key 1", async () => {
      const keys = open(copyVectors(temporary.path));
      const digest = fromHex("digest", sha256(toUtf8Bytes("Satoshi Nakamoto")));
      expect(await keys.signDigest("one", digest)).to.include({
        r: "0x934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8",
        s: "0x2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5",
      });
    });

    it("signs TEST 1 of RFC 8032", async () => {
      const keys = open(copyVectors(temporary.path));
      expect(toHex(await keys.signMessage("rfc8032-test-1", new Uint8Array()))).to.equal(
        "0xe5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
      );
    });
  });

  describe("keeps to the port", () => {
    keepsToThePort(() => ({
      open: () => open(folder),
      openWithoutSecret: () =>
        openKeyProvider({ folder, passphrase: { read: () => Promise.reject(new Error("asked")) } }),
    }));
  });

  it("signs the same digest alike each time (RFC 6979)", async () => {
    await open(folder).create("deployer", "secp256k1");
    const first = await open(folder).signDigest("deployer", DIGEST);
    expect(await open(folder).signDigest("deployer", DIGEST)).to.deep.equal(first);
  });

  it("makes no folder before the first key", async () => {
    expect(await open(folder).list()).to.deep.equal([]);
    expect(() => statSync(folder)).to.throw("ENOENT");
  });

  it("keeps its folder and files to their owner", async () => {
    await open(folder).create("deployer", "secp256k1");
    expect(statSync(folder).mode & 0o777).to.equal(0o700);
    expect(statSync(fileOf("deployer")).mode & 0o777).to.equal(0o600);
    expect(readdirSync(folder)).to.deep.equal(["deployer.json"]);
  });

  describe("refuses", () => {
    it("a work factor that age does not take", () => {
      for (const workFactor of [0, 21, 1.5]) {
        expect(() => openKeyProvider({ folder, passphrase: passphrase(PASSPHRASE), workFactor })).to.throw(
          InputError,
          /^work factor: expected 1 to 20/,
        );
      }
    });

    it("a passphrase that is short, without repeating it", async () => {
      const error = await rejection(open(folder, "hunter2").create("x", "ed25519"));
      expect(error.message).to.equal("passphrase: expected at least 12 characters, got fewer");
    });

    it("files that other users can read, folders they can write to, and links", async () => {
      const keys = open(folder);
      await keys.create("deployer", "secp256k1");
      for (const mode of [0o640, 0o604, 0o620]) {
        chmodSync(fileOf("deployer"), mode);
        const error = await rejection(open(folder).list());
        expect(error).to.be.instanceOf(RefusedError);
        expect(error.next).to.equal(`chmod 600 ${fileOf("deployer")}`);
      }
      chmodSync(fileOf("deployer"), 0o600);
      chmodSync(folder, 0o770);
      expect(await rejection(open(folder).info("deployer"))).to.be.instanceOf(RefusedError);
      chmodSync(folder, 0o700);
      symlinkSync(fileOf("deployer"), fileOf("alias"));
      expect((await rejection(open(folder).info("alias"))).message).to.contain("ELOOP");
    });
  });

  describe("a wrong passphrase", () => {
    beforeEach(() => open(folder).create("deployer", "secp256k1"));

    it("is told from a damaged file, and the error says what to do", async () => {
      const error = await rejection(open(folder, "another passphrase").signDigest("deployer", DIGEST));
      expect(error).to.be.instanceOf(InputError);
      expect(error.message).to.equal(`the passphrase does not open key "deployer" (${fileOf("deployer")})`);
      expect(error.next).to.match(/^give the passphrase this keystore was made with/);
    });

    it("can be given again", async () => {
      const answers = ["another passphrase", PASSPHRASE];
      const read = async () => answers.shift() ?? "";
      const keys = openKeyProvider({ folder, passphrase: { read }, workFactor: FAST });
      await rejection(keys.signDigest("deployer", DIGEST));
      await keys.signDigest("deployer", DIGEST);
    });

    it("makes no new key: one keystore has one passphrase", async () => {
      const error = await rejection(open(folder, "another passphrase").create("second", "ed25519"));
      expect(error).to.be.instanceOf(InputError);
      expect(readdirSync(folder)).to.deep.equal(["deployer.json"]);
    });
  });

  it("asks for the passphrase once, also when keys are opened together", async () => {
    const made = open(folder);
    for (const name of ["a", "b", "c"]) await made.create(name, "ed25519");
    let asked = 0;
    const read = async () => {
      asked += 1;
      return PASSPHRASE;
    };
    const keys = openKeyProvider({ folder, passphrase: { read }, workFactor: FAST });
    await Promise.all(["a", "b", "c", "a"].map((name) => keys.signMessage(name, DIGEST)));
    await keys.create("d", "ed25519");
    expect(asked).to.equal(1);
  });

  describe("a file that was torn or edited is named", () => {
    beforeEach(async () => {
      const keys = open(folder);
      await keys.create("deployer", "secp256k1");
      await keys.create("other", "secp256k1");
    });

    const damaged = async (work: (keys: ReturnType<typeof open>) => Promise<unknown>) => {
      const error = await rejection(work(open(folder)));
      expect(error).to.be.instanceOf(CheckError);
      expect(error.message).to.contain(`key file ${fileOf("deployer")} is torn or was changed: `);
    };

    it("when it is cut short anywhere", async () => {
      const text = readFileSync(fileOf("deployer"), "utf8");
      for (const length of [0, 1, 100, text.length - 40, text.length - 3]) {
        writeFileSync(fileOf("deployer"), text.slice(0, length));
        await damaged((keys) => keys.list());
      }
    });

    it("when a field is gone, added, or another key's", async () => {
      const [key, other] = [readKey("deployer"), readKey("other")];
      const { createdAt, ...gone } = key;
      const { address } = other;
      for (const edited of [gone, { ...key, note: "" }, other, { ...key, address }, { ...key, version: 2 }]) {
        writeKey("deployer", edited);
        await damaged((keys) => keys.info("deployer"));
      }
    });

    it("when its public part is another key's throughout: signing finds out", async () => {
      const { publicKey, address } = readKey("other");
      writeKey("deployer", { ...readKey("deployer"), publicKey, address });
      await damaged((keys) => keys.signDigest("deployer", DIGEST));
    });

    it("when its time of making was changed: signing finds out", async () => {
      writeKey("deployer", { ...readKey("deployer"), createdAt: "2020-01-01T00:00:00.000Z" });
      await damaged((keys) => keys.signDigest("deployer", DIGEST));
    });

    it("when it was given another key's ciphertext, or a damaged one", async () => {
      const key = readKey("deployer");
      const lines: string[] = key.ciphertext.split("\n");
      const lastLine = lines.length - 3;
      const flipped = lines.map((line, i) =>
        i === lastLine ? line.replace(/^./, (c) => (c === "A" ? "B" : "A")) : line,
      );
      for (const ciphertext of [readKey("other").ciphertext, flipped.join("\n"), "", "not age"]) {
        writeKey("deployer", { ...key, ciphertext });
        await damaged((keys) => keys.signDigest("deployer", DIGEST));
      }
    });
  });

  it("never shows a private key or the passphrase: not in files, errors, or its own inspection", async () => {
    const keys = open(folder);
    await keys.create("deployer", "secp256k1");
    await keys.create("agent", "ed25519");
    const secrets = await Promise.all(["deployer", "agent"].map(secretOf));
    const key = readKey("deployer");
    const text = readFileSync(fileOf("deployer"), "utf8") + readFileSync(fileOf("agent"), "utf8");
    const errors: unknown[] = [];
    errors.push(await rejection(open(folder, `${PASSPHRASE}!`).signDigest("deployer", DIGEST)));
    errors.push(await rejection(keys.signDigest("agent", DIGEST)));
    writeKey("deployer", { ...key, createdAt: "2020-01-01T00:00:00.000Z" });
    errors.push(await rejection(open(folder).signDigest("deployer", DIGEST)));
    await keys.signMessage("agent", DIGEST);
    const shown = text + JSON.stringify(keys) + inspect([keys, ...errors], { depth: 20, showHidden: true });

    expect(shown).to.contain("createdAt");
    expect(shown).to.not.contain(PASSPHRASE);
    for (const secret of secrets) {
      for (const encoding of ["hex", "base64", "base64url", "latin1"] as const) {
        expect(shown).to.not.contain(Buffer.from(secret).toString(encoding));
      }
      expect(shown).to.not.contain(BigInt(toHex(secret)).toString());
      expect(shown).to.not.contain([...secret].slice(0, 8).join(", "));
    }
  });

  it("never signs with a key whose file was exchanged meanwhile, but with the one that is there", async () => {
    const keys = open(folder);
    await keys.create("deployer", "secp256k1");
    await keys.signDigest("deployer", DIGEST);
    const elsewhere = join(temporary.path, "elsewhere");
    const { address } = await open(elsewhere).create("deployer", "secp256k1");
    copyFileSync(join(elsewhere, "deployer.json"), fileOf("deployer"));

    const { r, s, yParity } = await keys.signDigest("deployer", DIGEST);
    expect(recoverAddress(DIGEST, Signature.from({ r, s, yParity }))).to.equal(address);
  });

  it("ignores what is no key of its folder", async () => {
    mkdirSync(folder, { mode: 0o700 });
    for (const name of [".deployer.json.0011.tmp", "notes.txt", ".DS_Store"])
      writeFileSync(join(folder, name), "x");
    expect(await open(folder).list()).to.deep.equal([]);
  });
});
