import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { verifyEd25519 } from "../../../src/core/log/index.ts";

const ORDER = ed25519.Point.Fn.ORDER;
const hex = (text: string) => hexToBytes(text);

/** Section 7.1: public key, message, signature. */
const RFC8032: Readonly<Record<string, readonly [string, string, string]>> = {
  "TEST 1": [
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  ],
  "TEST 2": [
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "72",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  ],
  "TEST 3": [
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    "af82",
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
  ],
  "TEST SHA(abc)": [
    "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
  ],
};

/** The eight encodings of points of order 1, 2, 4 and 8, in canonical form where there is one. */
const SMALL_ORDER = [
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0000000000000000000000000000000000000000000000000000000000000080",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
];

function littleEndian(value: bigint): Uint8Array {
  return hex(value.toString(16).padStart(64, "0")).reverse();
}

function fromLittleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

describe("agent signatures: Ed25519, RFC 8032 read strictly", () => {
  for (const [name, [publicKey, message, signature]] of Object.entries(RFC8032)) {
    it(`${name} of section 7.1 holds, and not for another message`, () => {
      expect(verifyEd25519(hex(signature), hex(message), hex(publicKey))).to.equal(true);
      expect(verifyEd25519(hex(signature), hex(`${message}00`), hex(publicKey))).to.equal(false);
    });
  }

  it("refuses S + L, the second form that every signature would have", () => {
    const [publicKey, message, signature] = RFC8032["TEST 3"] ?? ["", "", ""];
    const original = hex(signature);
    const s = fromLittleEndian(original.subarray(32)) + ORDER;
    const malleated = concatBytes(original.subarray(0, 32), littleEndian(s));

    expect(verifyEd25519(malleated, hex(message), hex(publicKey))).to.equal(false);
  });

  it("refuses a non-canonical R, which verifiers that decode leniently accept", () => {
    const secret = new Uint8Array(32).fill(5);
    const message = utf8ToBytes("message");
    const { pointBytes, scalar } = ed25519.utils.getExtendedPublicKey(secret);
    // The identity, written with y = p + 1 in place of 1; S = k * a then satisfies the equation.
    const r = hex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
    const k = fromLittleEndian(sha512(concatBytes(r, pointBytes, message)));
    const signature = concatBytes(r, littleEndian((k * scalar) % ORDER));

    expect(ed25519.verify(signature, message, pointBytes, { zip215: true }), "the forgery").to.equal(true);
    expect(verifyEd25519(signature, message, pointBytes)).to.equal(false);
  });

  it("refuses every key of small order, under which one signature holds for many messages", () => {
    // R is the identity and S is 0: with such a key the equation holds for at least every eighth message.
    const signature = hex(`${SMALL_ORDER[0]}${"00".repeat(32)}`);
    for (const key of SMALL_ORDER) {
      const accepted = Array.from({ length: 64 }, (_, i) => Uint8Array.of(i)).filter((message) =>
        ed25519.verify(signature, message, hex(key), { zip215: true }),
      );
      expect(accepted, `messages a lenient verifier takes under ${key}`).to.not.be.empty;
      for (const message of accepted) expect(verifyEd25519(signature, message, hex(key))).to.equal(false);
    }
  });

  it("answers false for wrong lengths and for keys that are no point", () => {
    const [publicKey, message, signature] = RFC8032["TEST 2"] ?? ["", "", ""];
    expect(verifyEd25519(hex(signature).subarray(1), hex(message), hex(publicKey))).to.equal(false);
    expect(verifyEd25519(hex(signature), hex(message), hex(publicKey).subarray(1))).to.equal(false);
    expect(verifyEd25519(hex(signature), hex(message), hex(`02${"00".repeat(31)}`))).to.equal(false);
  });
});
