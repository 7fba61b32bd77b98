import { ed25519 } from "@noble/curves/ed25519.js";
import { expect } from "chai";
import { id, recoverAddress, Signature } from "ethers";
import { fromHex } from "../../src/core/bytes.ts";
import { InputError, RefusedError } from "../../src/core/errors.ts";
import type { KeyProvider } from "../../src/core/ports.ts";
import { rejection } from "./support.ts";
import { wraps } from "./wrapping-contract.ts";

export const DIGEST = fromHex("digest", id("message"));
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

/** An empty place for keys; each call opens it anew. */
export interface Place {
  open(): KeyProvider;
  /** As one who must not be asked for a passphrase or PIN. */
  openWithoutSecret(): KeyProvider;
}

/**
 * What every backend of the `KeyProvider` port keeps to, as tests within the caller's group.
 *
 * @param place Of the test that runs: a new one for each.
 */
export function keepsToThePort(place: () => Place): void {
  makesKeys(place);
  signs(() => place().open());
  wraps(() => place().open());
  refuses(() => place().open());
}

function makesKeys(place: () => Place): void {
  const open = () => place().open();

  it("makes keys, lists them by name without a secret, and finds them again in another process's place", async () => {
    const keys = open();
    const second = await keys.create("agent-7", "ed25519");
    const agent = await keys.create("agent", "ed25519");
    const deployer = await keys.create("deployer", "secp256k1");

    const other = place().openWithoutSecret();
    expect(await other.list()).to.deep.equal([agent, second, deployer]);
    expect(await other.info("deployer")).to.deep.equal(deployer);
    const { r, s, yParity } = await open().signDigest("deployer", DIGEST);
    expect(recoverAddress(DIGEST, Signature.from({ r, s, yParity }))).to.equal(deployer.address);
  });

  it("says when a key was made", async () => {
    const before = Date.now();
    const { createdAt } = await open().create("deployer", "secp256k1");
    expect(Date.parse(createdAt)).to.be.within(before, Date.now());
    expect((await open().info("deployer")).createdAt).to.equal(createdAt);
  });

  it("is empty before the first key", async () => {
    expect(await open().list()).to.deep.equal([]);
  });

  it("lets one of several who make the same key at once win, and the others know", async () => {
    await open().create("first", "ed25519");
    const makers = Array.from({ length: 8 }, open);
    const outcomes = await Promise.allSettled(makers.map((keys) => keys.create("deployer", "secp256k1")));
    const won = outcomes.filter((outcome) => outcome.status === "fulfilled");
    const lost = outcomes.filter((outcome) => outcome.status === "rejected");

    expect(won).to.have.length(1);
    for (const { reason } of lost) expect(reason).to.be.instanceOf(RefusedError);
    expect(await open().info("deployer")).to.deep.equal(won[0]?.value);
    expect((await open().list()).map(({ name }) => name)).to.deep.equal(["deployer", "first"]);
  });
}

function signs(open: () => KeyProvider): void {
  it("signs digests so that Ethereum recovers the key's address, with s in the lower half", async () => {
    const keys = open();
    const { address } = await keys.create("deployer", "secp256k1");
    for (let i = 0; i < 16; i++) {
      const { r, s, yParity } = await keys.signDigest("deployer", fromHex("digest", id(String(i))));
      expect(recoverAddress(id(String(i)), Signature.from({ r, s, yParity }))).to.equal(address);
      expect(BigInt(s) <= HALF_ORDER).to.equal(true);
    }
  });

  it("signs messages of any length that verify under the key's public key", async () => {
    const keys = open();
    const { publicKey } = await keys.create("agent", "ed25519");
    for (const message of [new Uint8Array(), DIGEST, new Uint8Array(10_000).fill(7)]) {
      const signature = await keys.signMessage("agent", message);
      expect(signature).to.have.length(64);
      expect(ed25519.verify(signature, message, fromHex("key", publicKey), { zip215: false })).to.equal(true);
    }
  });

  it("signs the right thing for each of many who ask at once", async () => {
    const keys = [open(), open()];
    const { address } = (await keys[0]?.create("deployer", "secp256k1")) ?? {};
    const digests = Array.from({ length: 24 }, (_, i) => id(String(i)));
    const signatures = await Promise.all(
      digests.map((digest, i) => keys[i % 2]?.signDigest("deployer", fromHex("digest", digest))),
    );
    for (const [i, signature] of signatures.entries()) {
      if (signature === undefined) throw new Error("no signature");
      expect(recoverAddress(digests[i] ?? "", Signature.from({ ...signature }))).to.equal(address);
    }
  });
}

function refuses(open: () => KeyProvider): void {
  it("refuses to make a key whose name is taken, and leaves the old one alone", async () => {
    const keys = open();
    const first = await keys.create("deployer", "secp256k1");
    for (const algorithm of ["ed25519", "secp256k1"] as const) {
      const error = await rejection(open().create("deployer", algorithm));
      expect(error).to.be.instanceOf(RefusedError);
      expect(error.message).to.match(/^key "deployer" exists .*, and keys are never overwritten$/);
    }
    expect(await keys.list()).to.deep.equal([first]);
  });

  it("refuses names that could leave a folder, hide, or differ by case only", async () => {
    for (const name of ["", "../x", "a/b", ".hidden", "Deployer", "a b", "-x", "ü", "a".repeat(65), "x\n"]) {
      expect(await rejection(open().create(name, "ed25519")), name).to.be.instanceOf(InputError);
      expect(await rejection(open().info(name)), name).to.be.instanceOf(InputError);
      expect(await rejection(open().signDigest(name, DIGEST)), name).to.be.instanceOf(InputError);
    }
  });

  it("refuses a signature of the other kind, and digests that are none", async () => {
    const keys = open();
    await keys.create("deployer", "secp256k1");
    await keys.create("agent", "ed25519");
    const wrong = 'key "agent": expected secp256k1, as this signature needs, got "ed25519"';
    expect(await rejection(keys.signDigest("agent", DIGEST))).to.have.property("message", wrong);
    expect(await rejection(keys.signMessage("deployer", DIGEST))).to.be.instanceOf(InputError);
    expect(await rejection(keys.signDigest("deployer", DIGEST.subarray(1)))).to.have.property(
      "message",
      "digest: expected 32 bytes, got 31 bytes",
    );
  });

  it("says of a key that is not there how to make it", async () => {
    const error = await rejection(open().signDigest("deployer", DIGEST));
    expect(error).to.be.instanceOf(InputError);
    expect(error.message).to.match(/^no key "deployer" /);
    expect(error.next).to.contain("npx hardhat keys create --name deployer");
  });

  it("refuses an unknown algorithm", async () => {
    expect(await rejection(open().create("x", "rsa" as "ed25519"))).to.be.instanceOf(InputError);
  });
}
