import { createHash } from "node:crypto";
import { expect } from "chai";
import fc from "fast-check";
import { concatBytes, uint, utf8 } from "../../src/core/bytes.ts";
import { sizedText } from "../../src/core/hash.ts";
import { preimage } from "../../src/core/preimage.ts";
import { uuidBytes } from "../../src/core/uuid.ts";

const sha256 = (...parts: Uint8Array[]): string =>
  createHash("sha256")
    .update(concatBytes(...parts))
    .digest("hex");
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe("what is hashed behind a tag", () => {
  it("is its fields one after another, whatever is in them and however long they are", () => {
    const wellFormed = fc
      .string({ unit: "grapheme", maxLength: 3_000 })
      .filter((text) => text.isWellFormed());
    const fields = fc.record({
      id: fc.uuid(),
      small: fc.nat(),
      large: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      text: wellFormed,
      bytes: fc.uint8Array({ maxLength: 5_000 }),
    });
    fc.assert(
      fc.property(fields, ({ id, small, large, text, bytes }) => {
        const hashed = preimage("TAG_V1")
          .byte(1)
          .text("text", text)
          .uuid("id", id)
          .bytes("bytes", bytes)
          .u32("small", small)
          .u64("large", large);
        const parts = [sizedText("text", text), uuidBytes("id", id), bytes];
        const rest = [uint("small", small, 4), uint("large", large, 8)];
        expect(hex(hashed.digest())).to.equal(
          sha256(utf8("tag", "TAG_V1"), Uint8Array.of(1), ...parts, ...rest),
        );
      }),
    );
  });

  it("is no other's that is begun before it ends", () => {
    const outer = preimage("OUTER").text("first", "a");
    const inner = preimage("INNER").text("second", "b").digest();
    expect(hex(outer.bytes("inner", inner).digest())).to.equal(
      sha256(utf8("tag", "OUTER"), sizedText("first", "a"), inner),
    );
  });

  it("holds nothing of one that was refused on its way", () => {
    const one = () =>
      preimage("ONE")
        .u64("count", 2n ** 32n)
        .digest();
    const before = hex(one());
    expect(() => preimage("TWO").text("long", "x".repeat(100)).uuid("id", "no UUID")).to.throw(
      "id: expected a UUID",
    );
    expect(() => preimage("TWO").u32("key", 2 ** 32)).to.throw("key: expected an integer from 0 to 2^32 - 1");
    expect(() => preimage("TWO").u64("count", 2n ** 64n)).to.throw(
      "count: expected an integer from 0 to 2^64 - 1",
    );
    expect(() => preimage("TWO").bytes("hash", new Uint8Array(31), 32)).to.throw("hash: expected 32 bytes");
    expect(() => preimage("TWO").text("name", "\ud800")).to.throw("name: expected Unicode text");
    expect(hex(one())).to.equal(before);
  });
});
