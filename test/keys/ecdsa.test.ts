import { secp256k1 } from "@noble/curves/secp256k1.js";
import { expect } from "chai";
import { recoverAddress, Signature, sha256, toUtf8Bytes } from "ethers";
import fc from "fast-check";
import { fromHex } from "../../src/core/bytes.ts";
import { CheckError } from "../../src/core/errors.ts";
import { compressedPoint, type EcdsaEncoding, ethereumSignature } from "../../src/keys/ecdsa.ts";
import { addressOf, publicKeyOf } from "../../src/keys/secret-key.ts";

const ORDER = secp256k1.Point.Fn.ORDER;
const KEY_ONE = Uint8Array.from([...new Uint8Array(31), 1]);
const SATOSHI = fromHex("digest", sha256(toUtf8Bytes("Satoshi Nakamoto")));
/** The RFC 6979 example for secp256k1 key 1, low s. */
const R = "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8";
const S = "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5";
/** The same signature with the order less s, as a device may give it; in DER it has a padding byte. */
const HIGH_S = (ORDER - BigInt(`0x${S}`)).toString(16);

const secrets = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .filter((bytes) => secp256k1.utils.isValidSecretKey(bytes));
const digests = fc.uint8Array({ minLength: 32, maxLength: 32 });

/** A device's signature: any encoding, s in either half. */
function sign(secret: Uint8Array, digest: Uint8Array, encoding: EcdsaEncoding, high: boolean): Uint8Array {
  const { r, s } = secp256k1.Signature.fromBytes(
    secp256k1.sign(digest, secret, { prehash: false, lowS: true }),
    "compact",
  );
  return new secp256k1.Signature(r, high ? ORDER - s : s).toBytes(encoding);
}

describe("signatures of devices and services become Ethereum's", () => {
  it("known answers: DER and compact, s in either half, give RFC 6979's signature", () => {
    const publicKey = publicKeyOf("secp256k1", KEY_ONE);
    for (const [encoding, bytes] of [
      ["compact", `${R}${S}`],
      ["compact", `${R}${HIGH_S}`],
      ["der", `3045022100${R}0220${S}`],
      ["der", `3046022100${R}022100${HIGH_S}`],
    ] as const) {
      const signature = ethereumSignature(publicKey, SATOSHI, Buffer.from(bytes, "hex"), encoding);
      expect(signature).to.include({ r: `0x${R}`, s: `0x${S}` });
      expect(recoverAddress(SATOSHI, Signature.from({ ...signature }))).to.equal(addressOf(publicKey));
    }
  });

  it("whatever key, digest, encoding and half of s: low s, and recovery gives the key's address", () => {
    fc.assert(
      fc.property(
        secrets,
        digests,
        fc.constantFrom<EcdsaEncoding>("der", "compact"),
        fc.boolean(),
        (secret, digest, encoding, high) => {
          const publicKey = publicKeyOf("secp256k1", secret);
          const signature = ethereumSignature(
            publicKey,
            digest,
            sign(secret, digest, encoding, high),
            encoding,
          );
          expect(BigInt(signature.s) <= ORDER / 2n).to.equal(true);
          expect(signature.r).to.have.length(66);
          expect(signature.s).to.have.length(66);
          expect(recoverAddress(digest, Signature.from({ ...signature }))).to.equal(addressOf(publicKey));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("one of another key, of another digest, or with a changed byte is refused", () => {
    fc.assert(
      fc.property(
        secrets,
        digests,
        fc.nat(63),
        fc.integer({ min: 1, max: 255 }),
        (secret, digest, at, flip) => {
          const good = sign(secret, digest, "compact", false);
          const publicKey = publicKeyOf("secp256k1", secret);
          const other = Uint8Array.from(digest, (byte, i) => (i === 5 ? byte ^ flip : byte));
          const changed = Uint8Array.from(good, (byte, i) => (i === at ? byte ^ flip : byte));
          const refused = (key: typeof publicKey, message: Uint8Array, signature: Uint8Array) =>
            expect(() => ethereumSignature(key, message, signature, "compact")).to.throw(CheckError);
          refused(publicKeyOf("secp256k1", KEY_ONE), digest, good);
          refused(publicKey, other, good);
          refused(publicKey, digest, changed);
        },
      ),
      { numRuns: 20 },
    );
  });

  it("bytes that are no signature are refused: empty, cut, padded, zero, above the order, indefinite DER", () => {
    const publicKey = publicKeyOf("secp256k1", KEY_ONE);
    const der = `3045022100${R}0220${S}`;
    const zero = "00".repeat(32);
    for (const [encoding, bytes] of [
      ["compact", ""],
      ["compact", `${R}${S}00`],
      ["compact", R],
      ["compact", `${zero}${S}`],
      ["compact", `${R}${zero}`],
      ["compact", `${"ff".repeat(32)}${S}`],
      ["der", ""],
      ["der", der.slice(0, -2)],
      ["der", `${der}00`],
      ["der", der.replace(/^3045/, "3080")],
      ["der", `3046022100${R}022100${S}`],
      ["der", `30440220${R}0220${S}`],
      ["der", `3046022200${`00${R}`}0220${S}`],
      ["der", `${R}${S}`],
    ] as const) {
      const attempt = () => ethereumSignature(publicKey, SATOSHI, Buffer.from(bytes, "hex"), encoding);
      expect(attempt, `${encoding} ${bytes}`).to.throw(CheckError);
    }
  });

  it("public keys come in any SEC 1 form and go out compressed; what is no point is refused", () => {
    const uncompressed = secp256k1.getPublicKey(KEY_ONE, false);
    const compressed = publicKeyOf("secp256k1", KEY_ONE);
    expect(compressedPoint(uncompressed)).to.equal(compressed);
    expect(compressedPoint(fromHex("key", compressed))).to.equal(compressed);
    const off = Uint8Array.from(uncompressed, (byte, i) => (i === 64 ? byte ^ 1 : byte));
    for (const bytes of [off, uncompressed.subarray(0, 64), new Uint8Array(65), new Uint8Array()])
      expect(() => compressedPoint(bytes)).to.throw(CheckError);
  });
});
