import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { inspect } from "node:util";
import { expect } from "chai";
import { accountOfPrivateKey, aleoAccount, DEVELOPMENT_KEYS } from "../../src/aleo/index.ts";
import { aleoSignatures } from "../../src/aleo/signatures.ts";
import { decodeBech32m, encodeBech32m } from "../../src/core/bech32m.ts";
import { CheckError, InputError, RefusedError } from "../../src/core/errors.ts";
import { AwsKmsKeys } from "../../src/keys/aws-kms.ts";
import { readSecretKey } from "../../src/keys/index.ts";
import { VaultKeys } from "../../src/keys/vault.ts";
import { open, rejection, temporaryFolder } from "./support.ts";

const [KEY] = DEVELOPMENT_KEYS;
/** Printed with that key by the development ledger's own `accounts`. */
const ADDRESS = "aleo1rhgdu77hgyqd3xjj8ucu3jj9r2krwz6mnzyd80gncr5fxcwlh5rsvzp9px";
const MESSAGE = new TextEncoder().encode("message");

describe("an Aleo key in the keystore", function () {
  this.timeout(60_000);
  let temporary: ReturnType<typeof temporaryFolder>;
  let folder: string;
  beforeEach(() => {
    temporary = temporaryFolder();
    folder = join(temporary.path, "keys");
  });
  afterEach(() => temporary[Symbol.dispose]());

  function keyFile(text: string): string {
    const path = join(temporary.path, "key");
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }

  it("shows its address without a secret, and signs for that address in another process's place", async () => {
    const key = await open(folder).create("operator", "aleo");
    expect(key.address).to.match(/^aleo1[a-z0-9]{58}$/);
    expect(await open(folder).list()).to.deep.equal([key]);
    const account = await aleoAccount(open(folder), "operator");
    expect(account.address).to.equal(key.address);
    const signature = account.sign(MESSAGE);
    const signatures = await aleoSignatures();
    expect(signatures.verify(account.address, MESSAGE, signature)).to.equal(true);
    expect(signatures.verify(account.address, new Uint8Array(7), signature)).to.equal(false);
    expect(signatures.verify(ADDRESS, MESSAGE, signature)).to.equal(false);
  });

  it("is taken in as Aleo's own tools print it, or as the 64 digits of its seed, and is the same key", async () => {
    const seed = await readSecretKey("aleo", { file: keyFile(`${KEY}\n`) });
    const key = await open(folder).import("funded", "aleo", seed);
    expect(key.address).to.equal(ADDRESS);
    const again = await readSecretKey("aleo", { file: keyFile(Buffer.from(seed).toString("hex")) });
    expect(again).to.deep.equal(seed);
    expect((await aleoAccount(open(folder), "funded")).address).to.equal(ADDRESS);
  });

  it("is refused as a text that is none, and as another number of the same key; what was read is not repeated", async () => {
    const wrong = `${KEY.slice(0, -1)}z`;
    const error = await rejection(readSecretKey("aleo", { file: keyFile(wrong) }));
    expect(error).to.be.instanceOf(InputError);
    expect(inspect(error)).not.to.contain(wrong);
    expect(await rejection(open(folder).import("x", "aleo", new Uint8Array(32).fill(255)))).to.be.instanceOf(
      InputError,
    );
    const terminal = { input: new PassThrough(), output: new PassThrough() };
    expect(await rejection(readSecretKey("aleo", {}, terminal as never))).to.be.instanceOf(InputError);
  });

  it("is not opened from a file whose address was exchanged", async () => {
    const key = await open(folder).create("operator", "aleo");
    const path = join(folder, "operator.json");
    writeFileSync(path, readFileSync(path, "utf8").replace(key.address ?? "", ADDRESS));
    expect(await rejection(open(folder).info("operator"))).to.be.instanceOf(CheckError);
    const publicKey = `0x${Buffer.from(decodeBech32m("address", "aleo", ADDRESS)).toString("hex")}`;
    writeFileSync(path, readFileSync(path, "utf8").replace(key.publicKey, publicKey));
    expect((await open(folder).info("operator")).address).to.equal(ADDRESS);
    expect(await rejection(aleoAccount(open(folder), "operator"))).to.be.instanceOf(CheckError);
  });

  it("signs nothing but Aleo's, and other keys are no accounts", async () => {
    await open(folder).create("operator", "aleo");
    await open(folder).create("agent", "ed25519");
    expect(await rejection(open(folder).signMessage("operator", MESSAGE))).to.be.instanceOf(InputError);
    expect(await rejection(open(folder).signDigest("operator", new Uint8Array(32)))).to.be.instanceOf(
      InputError,
    );
    expect(await rejection(aleoAccount(open(folder), "agent"))).to.be.instanceOf(InputError);
    expect(await rejection(aleoAccount(open(folder), "nobody"))).to.be.instanceOf(InputError);
  });

  it("does not come out by printing or writing down its account", async () => {
    const account = await accountOfPrivateKey(KEY);
    const shown = `${inspect(account, { depth: 9, showHidden: true })}${JSON.stringify(account)}${String(account)}`;
    expect(shown).to.contain(ADDRESS);
    expect(shown).not.to.contain("APrivateKey1");
    expect(shown).not.to.contain("AViewKey1");
  });

  it("is made by no other backend, each with the reason", async () => {
    const vault = new VaultKeys({
      address: "http://127.0.0.1:1",
      mount: "transit",
      tokenFile: "/nonexistent",
    });
    const aws = new AwsKmsKeys({ region: "eu-west-1", prefix: "proofx" });
    for (const keys of [vault, aws]) {
      const error = await rejection(keys.create("operator", "aleo"));
      expect(error).to.be.instanceOf(RefusedError);
      expect(error.message).to.contain("none of its curves is Aleo's");
    }
  });
});

describe("bech32m", () => {
  it("agrees with the vectors of BIP 350 and refuses every changed letter", () => {
    const bytes = decodeBech32m("address", "aleo", ADDRESS);
    expect(bytes).to.have.length(32);
    expect(encodeBech32m("aleo", bytes)).to.equal(ADDRESS);
    expect(encodeBech32m("a", new Uint8Array())).to.equal("a1lqfn3a");
    for (const text of [
      "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx",
      "split1checkupstagehandshakeupstreamerranterredcaperredlc445v",
    ]) {
      const prefix = text.slice(0, text.indexOf("1"));
      expect(encodeBech32m(prefix, decodeBech32m("vector", prefix, text))).to.equal(text);
    }
    for (let at = 5; at < ADDRESS.length; at += 1) {
      const other = ADDRESS[at] === "q" ? "p" : "q";
      const changed = `${ADDRESS.slice(0, at)}${other}${ADDRESS.slice(at + 1)}`;
      expect(() => decodeBech32m("address", "aleo", changed), `letter ${at}`).to.throw(InputError);
    }
    expect(() => decodeBech32m("address", "aleo", ADDRESS.toUpperCase())).to.throw(InputError);
    expect(() => decodeBech32m("address", "a", ADDRESS)).to.throw(InputError);
  });
});
