import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { inflateSync } from "node:zlib";
import { expect } from "chai";
import { reportPdf } from "../../../src/ops/incidents/record/pdf.ts";
import { unpackWoff } from "../../../src/ops/incidents/record/woff.ts";

const resolve = createRequire(import.meta.url).resolve;

describe("an incident's report as PDF", function () {
  this.timeout(60_000);

  it("has every character that people wrote, in whatever script", async () => {
    const written =
      "Grüße, Żółć → ключ; Ωμέγα; 中文字, 日本語, 한국어; हिन्दी; ไทย; שלום עולם; مرحبا; “€” ✓ 🔥";
    const pdf = await reportPdf(
      `# ${written}\n\n${written}\n\n| a | b |\n| --- | --- |\n| ${written} | 值 |\n`,
      written,
    );
    const there = charactersOf(pdf);
    const missing = [...written, "值"].filter((character) => !there.has(character));
    expect(missing).to.deep.equal([]);
    expect(there.has("?")).to.equal(false);
  });

  it("writes a character that nobody has drawn as its number", async () => {
    const there = charactersOf(await reportPdf("x\u{10fffd}y", "x"));
    expect([..."x[U+10FFFD]y"].filter((character) => !there.has(character))).to.deep.equal([]);
    expect(there.has("\u{10fffd}")).to.equal(false);
  });

  it("embeds no more than it uses", async () => {
    expect((await reportPdf("plain words", "x")).length).to.be.lessThan(20_000);
    expect((await reportPdf("plain words, 中文", "x")).length).to.be.lessThan(40_000);
  });

  it("rests on fonts that were unpacked without a change: every table has its checksum", () => {
    const font = unpackWoff(
      readFileSync(resolve("@fontsource/unifontex/files/unifontex-latin-400-normal.woff")),
    );
    const count = font.readUInt16BE(4);
    expect(count).to.be.greaterThan(8);
    for (let entry = 12; entry < 12 + count * 16; entry += 16) {
      const tag = font.toString("latin1", entry, entry + 4);
      const [recorded, at, length] = [4, 8, 12].map((offset) => font.readUInt32BE(entry + offset));
      // The font's head has a sum over everything within it.
      if (tag !== "head") expect(sumOf(font, at ?? 0, length ?? 0), tag).to.equal(recorded);
    }
    expect(() => unpackWoff(Buffer.from("%PDF-1.3".repeat(10)))).to.throw("no WOFF file");
  });
});

/** What a reader's search would find: the characters that the fonts' tables name for the glyphs in use. */
function charactersOf(pdf: Uint8Array): Set<string> {
  const found = new Set<string>();
  const text = Buffer.from(pdf).toString("latin1");
  for (const [, stream = ""] of text.matchAll(/stream\n([\s\S]*?)\nendstream/g)) {
    let content: string;
    try {
      content = inflateSync(Buffer.from(stream, "latin1")).toString("latin1");
    } catch {
      continue;
    }
    if (!content.includes("beginbfrange")) continue;
    for (const [, list = ""] of content.matchAll(/\[([^\]]*)\]/g))
      for (const [, hex = ""] of list.matchAll(/<([\da-fA-F\s]+)>/g))
        for (const character of Buffer.from(hex.replace(/\s/g, ""), "hex").swap16().toString("utf16le"))
          found.add(character);
  }
  return found;
}

/** OpenType's sum of a table: its words of 32 bits, the last one filled with zeros. */
function sumOf(font: Buffer, at: number, length: number): number {
  let sum = 0;
  for (let i = at; i < at + length; i += 4) sum = (sum + font.readUInt32BE(i)) >>> 0;
  return sum;
}
