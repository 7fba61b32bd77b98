import { openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { inspect } from "node:util";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { expect } from "chai";
import { computeAddress, recoverAddress, Signature } from "ethers";
import { toHex } from "../../src/core/bytes.ts";
import { InputError, RefusedError } from "../../src/core/errors.ts";
import { readSecretHex } from "../../src/keys/index.ts";
import { DIGEST } from "./contract.ts";
import { open, rejection, temporaryFolder } from "./support.ts";

const ORDER = secp256k1.Point.Fn.ORDER;
const hex = (value: bigint) => value.toString(16).padStart(64, "0");
const bytes = (value: bigint) => Uint8Array.from(Buffer.from(hex(value), "hex"));

describe("a key made elsewhere", () => {
  let temporary: ReturnType<typeof temporaryFolder>;
  let folder: string;
  beforeEach(() => {
    temporary = temporaryFolder();
    folder = join(temporary.path, "keys");
  });
  afterEach(() => temporary[Symbol.dispose]());

  it("signs like a key made here, and its age counts from now", async () => {
    const before = Date.now();
    const key = await open(folder).import("deployer", "secp256k1", bytes(7n));
    expect(key.address).to.equal(computeAddress(`0x${hex(7n)}`));
    expect(Date.parse(key.createdAt)).to.be.within(before, Date.now());
    const { r, s, yParity } = await open(folder).signDigest("deployer", DIGEST);
    expect(recoverAddress(DIGEST, Signature.from({ r, s, yParity }))).to.equal(key.address);
    // RFC 8032, 7.1, TEST 1.
    const seed = Buffer.from("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "hex");
    const agent = await open(folder).import("agent", "ed25519", seed);
    expect(agent.publicKey).to.equal("0xd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  });

  it("is refused outside the range: 0, the order, above it, another length", async () => {
    for (const value of [0n, ORDER, ORDER + 1n, (1n << 256n) - 1n])
      expect(await rejection(open(folder).import("x", "secp256k1", bytes(value)))).to.be.instanceOf(
        InputError,
      );
    for (const length of [0, 31, 33, 64])
      expect(await rejection(open(folder).import("x", "ed25519", new Uint8Array(length)))).to.be.instanceOf(
        InputError,
      );
    const wrapping = await rejection(open(folder).import("x", "aes-256", new Uint8Array(32)));
    expect(wrapping).to.be.instanceOf(InputError);
    expect(wrapping.message).to.match(
      /^algorithm of a key from elsewhere: expected secp256k1, ed25519 or aleo, got "aes-256"/,
    );
    await open(folder).import("least", "secp256k1", bytes(1n));
    await open(folder).import("most", "secp256k1", bytes(ORDER - 1n));
  });

  it("again under the same name is there already; under another, or over another key, it is refused", async () => {
    const keys = open(folder);
    const first = await keys.import("deployer", "secp256k1", bytes(7n));
    expect(await open(folder).import("deployer", "secp256k1", bytes(7n))).to.deep.equal(first);
    const twice = await rejection(keys.import("second", "secp256k1", bytes(7n)));
    expect(twice).to.be.instanceOf(RefusedError);
    expect(twice.message).to.equal(`this key is already in ${folder}, as "deployer"`);
    expect(await rejection(keys.import("deployer", "secp256k1", bytes(8n)))).to.be.instanceOf(RefusedError);
    expect(await rejection(keys.import("deployer", "ed25519", bytes(7n)))).to.be.instanceOf(RefusedError);
    expect(await keys.list()).to.deep.equal([first]);
  });

  describe("is read from", () => {
    const secret = hex(0xabcdefn);
    const write = (text: string, mode = 0o600) => {
      const file = join(temporary.path, "secret");
      writeFileSync(file, text, { mode });
      return file;
    };
    const nobody = { input: new PassThrough(), output: new PassThrough() };

    it("a private file or a descriptor: 64 hex digits with or without 0x", async () => {
      for (const text of [secret, `0x${secret}\n`, `0X${secret.toUpperCase()}`, ` ${secret} \n`]) {
        expect(toHex(await readSecretHex({ file: write(text) }, nobody))).to.equal(`0x${secret}`);
        const descriptor = String(openSync(write(text), "r"));
        expect(toHex(await readSecretHex({ descriptor }, nobody))).to.equal(`0x${secret}`);
      }
    });

    it("the terminal, which shows the question only", async () => {
      const input = Object.assign(new PassThrough(), { isTTY: true });
      const output = new PassThrough();
      input.write(`${secret}\n`);
      expect(toHex(await readSecretHex({}, { input, output }))).to.equal(`0x${secret}`);
      expect(String(output.read())).to.equal("Private key of the key to import: \n");
    });

    it("nowhere else, and no error repeats it", async () => {
      const errors: Error[] = [];
      const long = `${secret}ab`;
      for (const text of [
        secret.slice(1),
        long,
        `${secret.slice(0, 63)}g`,
        `"${secret}"`,
        `${secret}\n${secret}`,
      ])
        errors.push(await rejection(readSecretHex({ file: write(text) }, nobody)));
      errors.push(await rejection(readSecretHex({}, nobody)));
      errors.push(await rejection(readSecretHex({ file: write(secret), descriptor: "0" }, nobody)));
      errors.push(await rejection(readSecretHex({ descriptor: secret }, nobody)));
      for (const error of errors) expect(error).to.be.instanceOf(InputError);
      errors.push(await rejection(open(folder).import("x", "secp256k1", bytes(ORDER))));
      const shown = inspect(errors, { depth: 20, showHidden: true });
      expect(shown).to.not.contain(secret.slice(1, 63)).and.to.not.contain(hex(ORDER));
    });

    it("a file that others can read is refused", async () => {
      const file = write(secret);
      writeFileSync(`${file}-open`, secret, { mode: 0o644 });
      const error = await rejection(readSecretHex({ file: `${file}-open` }, nobody));
      expect(error).to.be.instanceOf(RefusedError);
      expect(error.next).to.equal(`chmod 600 ${file}-open`);
    });
  });
});
