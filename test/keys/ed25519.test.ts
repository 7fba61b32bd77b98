import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concatBytes, hexToBytes as hex } from "@noble/hashes/utils.js";
import { expect } from "chai";
import fc from "fast-check";
import { libsodium, type NativeEd25519, nativeEd25519, openssl } from "../../src/keys/index.ts";

/** RFC 8032, section 7.1: secret key, public key, message, signature. */
const RFC8032: readonly (readonly [string, string, string, string])[] = [
  [
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  ],
  [
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "72",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  ],
  [
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    "af82",
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
  ],
  [
    "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
    "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
  ],
];

const sodium = libsodium();
/** Every machine that the project is tested on has it; on others OpenSSL alone is used, and tested. */
const KINDS: readonly NativeEd25519[] = sodium === undefined ? [openssl] : [openssl, sodium];
const SEED = new Uint8Array(32).fill(5);

describe("Ed25519 in machine code", () => {
  it("is libsodium's where that is built for the machine", () => {
    const supported = ["linux", "darwin", "win32"].includes(process.platform);
    if (supported && ["x64", "arm64"].includes(process.arch))
      expect(nativeEd25519().name).to.equal("libsodium");
  });

  for (const kind of KINDS) {
    describe(kind.name, () => {
      for (const [secret, publicKey, message, signature] of RFC8032) {
        it(`signs and verifies the ${message.length / 2} bytes of RFC 8032, section 7.1`, () => {
          expect(Buffer.from(kind.signer(hex(secret))(hex(message))).toString("hex")).to.equal(signature);
          expect(kind.verifier(hex(publicKey))(hex(message), hex(signature))).to.equal(true);
          expect(kind.verifier(hex(publicKey))(hex(`${message}00`), hex(signature))).to.equal(false);
        });
      }

      it("signs as an independent library does, and reads bytes that lie within others", () => {
        const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
        fc.assert(
          fc.property(bytes(32), fc.uint8Array({ maxLength: 200 }), fc.nat(9), (secret, message, before) => {
            const within = new Uint8Array(before + message.length + 7).fill(0xaa);
            within.set(message, before);
            const view = within.subarray(before, before + message.length);
            const signature = kind.signer(secret)(view);
            expect(signature).to.deep.equal(ed25519.sign(message, secret));
            const padded = concatBytes(new Uint8Array(before), signature).subarray(before);
            expect(kind.verifier(ed25519.getPublicKey(secret))(view, padded)).to.equal(true);
          }),
          { numRuns: 60 },
        );
      });

      it("refuses a signature with any one bit turned, a message, a key", () => {
        const message = new Uint8Array(32).fill(9);
        const signature = kind.signer(SEED)(message);
        const publicKey = ed25519.getPublicKey(SEED);
        for (let bit = 0; bit < 512; bit += 1)
          expect(kind.verifier(publicKey)(message, turned(signature, bit)), `bit ${bit} of 512`).to.equal(
            false,
          );
        for (let bit = 0; bit < 256; bit += 7) {
          expect(kind.verifier(publicKey)(turned(message, bit), signature)).to.equal(false);
          expect(kind.verifier(turned(publicKey, bit))(message, signature)).to.equal(false);
        }
      });

      it("refuses S + L, and an R that is written in another form", () => {
        const message = Uint8Array.of(1, 2, 3);
        const { pointBytes, scalar } = ed25519.utils.getExtendedPublicKey(SEED);
        const holds = kind.verifier(pointBytes);
        const signature = kind.signer(SEED)(message);
        const s = fromLittleEndian(signature.subarray(32)) + ORDER;
        expect(holds(message, concatBytes(signature.subarray(0, 32), littleEndian(s)))).to.equal(false);
        // The identity, written with y = p + 1 in place of 1; S = k * a then satisfies the equation.
        const r = hex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
        const k = fromLittleEndian(sha512(concatBytes(r, pointBytes, message)));
        const forged = concatBytes(r, littleEndian((k * scalar) % ORDER));
        expect(ed25519.verify(forged, message, pointBytes, { zip215: true }), "the forgery").to.equal(true);
        expect(holds(message, forged)).to.equal(false);
      });

      it("takes no signature of another length, and no key of another length", () => {
        const signature = kind.signer(SEED)(SEED);
        const holds = kind.verifier(ed25519.getPublicKey(SEED));
        expect(holds(SEED, signature.subarray(1))).to.equal(false);
        expect(holds(SEED, concatBytes(signature, Uint8Array.of(0)))).to.equal(false);
        expect(() => kind.verifier(SEED.subarray(1))).to.throw("public key");
        expect(() => kind.signer(SEED.subarray(1))).to.throw("secret key");
      });

      it("keeps what it was given, whatever becomes of the caller's bytes", () => {
        const secret = Uint8Array.from(SEED);
        const publicKey = ed25519.getPublicKey(SEED);
        const [sign, holds] = [kind.signer(secret), kind.verifier(publicKey)];
        secret.fill(0);
        publicKey.fill(0);
        expect(holds(SEED, sign(SEED))).to.equal(true);
        expect(sign(SEED)).to.deep.equal(ed25519.sign(SEED, SEED));
      });
    });
  }
});

const ORDER = ed25519.Point.Fn.ORDER;

function turned(bytes: Uint8Array, bit: number): Uint8Array {
  return bytes.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
}

function littleEndian(value: bigint): Uint8Array {
  return hex(value.toString(16).padStart(64, "0")).reverse();
}

function fromLittleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
}
