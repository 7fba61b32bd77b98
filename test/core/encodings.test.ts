import { expect } from "chai";
import fc from "fast-check";
import { fromBase64url, toBase64url } from "../../src/core/base64url.ts";
import { fromHex, toHex, uint, uintFromBytes, utf8 } from "../../src/core/bytes.ts";
import { InputError } from "../../src/core/errors.ts";
import { sizedText } from "../../src/core/hash.ts";
import { readJson, u64Field } from "../../src/core/json.ts";
import { uuidBytes } from "../../src/core/uuid.ts";

const refused = (make: () => unknown) => expect(make).to.throw(InputError, /^it: expected /);

describe("encodings have one spelling for each value", () => {
  it("hex: lower case, 0x, whole bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(fromHex("it", toHex(bytes))).to.deep.equal(bytes);
      }),
    );
    for (const text of ["", "00", "0x0", "0X00", "0xAB", "0xg0", " 0x00", "0x00\n"])
      refused(() => fromHex("it", text));
    refused(() => fromHex("it", "0x0000", 1));
  });

  it("base64url: no padding, no stray bits", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(toBase64url(bytes)).to.equal(Buffer.from(bytes).toString("base64url"));
        expect(fromBase64url(toBase64url(bytes))).to.deep.equal(bytes);
      }),
    );
    for (const text of ["A", "AA=", "AB", "A+/A", "AA A", "AAA\n"])
      expect(fromBase64url(text)).to.equal(undefined);
  });

  it("UUID: 8-4-4-4-12 lower-case digits", () => {
    fc.assert(
      fc.property(fc.uuid(), (text) => {
        expect(uuidBytes("it", text)).to.deep.equal(
          Uint8Array.from(Buffer.from(text.replaceAll("-", ""), "hex")),
        );
      }),
    );
    const id = "550e8400-e29b-41d4-a716-446655440000";
    expect(toHex(uuidBytes("it", id))).to.equal("0x550e8400e29b41d4a716446655440000");
    for (const text of [
      id.toUpperCase(),
      id.replaceAll("-", ""),
      `{${id}}`,
      `urn:uuid:${id}`,
      `${id}0`,
      `${id}\n`,
    ]) {
      refused(() => uuidBytes("it", text));
    }
  });

  it("u64: decimal without sign or leading zero, up to 2^64 - 1", () => {
    for (const text of ["0", "1", "18446744073709551615"])
      expect(readJson(u64Field, text, "it")).to.equal(BigInt(text));
    for (const text of [
      "",
      "-0",
      "+1",
      "01",
      "1.0",
      "1e3",
      "0x1",
      "1n",
      " 1",
      "18446744073709551616",
      "9".repeat(30),
    ]) {
      refused(() => readJson(u64Field, text, "it"));
    }
  });

  it("integers: big-endian, of a fixed width, never cut", () => {
    expect(toHex(uint("it", 258, 4))).to.equal("0x00000102");
    expect(toHex(uint("it", 2n ** 64n - 1n, 8))).to.equal("0xffffffffffffffff");
    for (const value of [256, -1, 1.5, Number.NaN, 256n, -1n]) refused(() => uint("it", value, 1));
    refused(() => uint("it", 2 ** 53, 8));
    for (const value of [0n, 255n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n]) {
      const digits = value.toString(16).padStart(16, "0");
      expect(toHex(uint("it", value, 8))).to.equal(`0x${digits}`);
      if (value <= Number.MAX_SAFE_INTEGER)
        expect(toHex(uint("it", Number(value), 8))).to.equal(`0x${digits}`);
    }
    refused(() => uint("it", 2n ** 32n, 4));
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }), (value) => {
        expect(uintFromBytes(uint("it", value, 32))).to.equal(value);
      }),
    );
  });

  it("text: UTF-8 behind its length in bytes, and no lone surrogates", () => {
    expect(toHex(sizedText("it", "é€"))).to.equal("0x00000005c3a9e282ac");
    refused(() => utf8("it", "\ud800"));
  });
});
