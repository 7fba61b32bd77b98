import { expect } from "chai";
import { id } from "ethers";
import { fromHex } from "../../src/core/bytes.ts";
import { CheckError, InputError, RefusedError } from "../../src/core/errors.ts";
import type { KeyProvider } from "../../src/core/ports.ts";
import { rejection } from "./support.ts";

/** A key to wrap, and what it belongs to. */
const DATA_KEY = fromHex("key", id("data key"));
const AAD = new TextEncoder().encode("tenant 1, key 1");

/** What every backend of the port keeps to with keys that wrap others, as tests within the caller's group. */
export function wraps(open: () => KeyProvider): void {
  keepsApart(open);

  it("wraps a key so that it alone opens it, in another process's place too, and never twice alike", async () => {
    const made = await open().create("master", "aes-256");
    expect(made).to.include({ name: "master", algorithm: "aes-256", publicKey: "0x" });
    const keys = open();
    const wrapped = [
      await keys.wrapKey("master", DATA_KEY, AAD),
      await keys.wrapKey("master", DATA_KEY, AAD),
    ];
    expect(wrapped[0]).to.not.deep.equal(wrapped[1]);
    for (const each of wrapped) {
      expect(Buffer.from(each).includes(Buffer.from(DATA_KEY))).to.equal(false);
      expect(await open().unwrapKey("master", each, AAD)).to.deep.equal(DATA_KEY);
    }
  });

  it("opens no wrapped key of which one byte is another, or that was cut or grew", async () => {
    const keys = open();
    await keys.create("master", "aes-256");
    const wrapped = await keys.wrapKey("master", DATA_KEY, AAD);
    const refused = [
      new Uint8Array(),
      wrapped.subarray(1),
      wrapped.subarray(0, -1),
      Buffer.concat([wrapped, AAD]),
    ];
    for (const [i] of wrapped.entries()) refused.push(wrapped.map((byte, j) => (i === j ? byte ^ 1 : byte)));
    for (const [i, each] of refused.entries())
      expect(await rejection(keys.unwrapKey("master", each, AAD)), `change ${i}`).to.be.instanceOf(
        CheckError,
      );
  });

  it("opens it under its own key and name, and for what it was wrapped for, only", async () => {
    const keys = open();
    for (const name of ["master", "other"]) await keys.create(name, "aes-256");
    const wrapped = await keys.wrapKey("master", DATA_KEY, AAD);
    expect(await rejection(keys.unwrapKey("other", wrapped, AAD))).to.be.instanceOf(CheckError);
    for (const aad of [new Uint8Array(), AAD.subarray(1), Buffer.concat([AAD, AAD])])
      expect(await rejection(keys.unwrapKey("master", wrapped, aad))).to.be.instanceOf(CheckError);
    expect(await rejection(keys.unwrapKey("missing", wrapped, AAD))).to.be.instanceOf(InputError);
  });
}

function keepsApart(open: () => KeyProvider): void {
  it("wraps with a key for wrapping only, signs with one for signing only, and takes 32 bytes", async () => {
    const keys = open();
    await keys.create("master", "aes-256");
    await keys.create("deployer", "secp256k1");
    const wrong = 'key "deployer": expected aes-256, as wrapping keys needs, got "secp256k1"';
    expect(await rejection(keys.wrapKey("deployer", DATA_KEY, AAD))).to.have.property("message", wrong);
    const wrapped = await keys.wrapKey("master", DATA_KEY, AAD);
    expect(await rejection(keys.unwrapKey("deployer", wrapped, AAD))).to.be.instanceOf(InputError);
    expect(await rejection(keys.signDigest("master", DATA_KEY))).to.be.instanceOf(InputError);
    expect(await rejection(keys.signMessage("master", DATA_KEY))).to.be.instanceOf(InputError);
    for (const length of [0, 31, 33])
      expect(await rejection(keys.wrapKey("master", new Uint8Array(length), AAD))).to.be.instanceOf(
        InputError,
      );
  });

  it("lists keys for wrapping beside the others, and makes none over another", async () => {
    const keys = open();
    const master = await keys.create("master", "aes-256");
    const agent = await keys.create("agent", "ed25519");
    expect(await open().list()).to.deep.equal([agent, master]);
    expect(await open().info("master")).to.deep.equal(master);
    for (const algorithm of ["aes-256", "ed25519"] as const)
      expect(await rejection(open().create("master", algorithm))).to.be.instanceOf(RefusedError);
    expect(await rejection(open().create("agent", "aes-256"))).to.be.instanceOf(RefusedError);
  });
}
