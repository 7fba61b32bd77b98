import { inflateSync } from "node:zlib";
import { CheckError } from "../../../core/errors.ts";

const WOFF = { header: 44, entry: 20, signature: 0x774f4646 };
const SFNT = { header: 12, entry: 16 };

/**
 * Unpacks a WOFF 1.0 file into the font that it was made of. fontkit reads WOFF, too, but inflates a table anew for each glyph that it
 * looks up, which takes half a minute for a page.
 *
 * @throws CheckError for another file.
 */
export function unpackWoff(file: Buffer): Buffer {
  if (file.length < WOFF.header || file.readUInt32BE(0) !== WOFF.signature)
    throw new CheckError("a font is no WOFF file", { next: "npm install brings it" });
  const count = file.readUInt16BE(12);
  const head = Buffer.alloc(SFNT.header + count * SFNT.entry);
  head.writeUInt32BE(file.readUInt32BE(4), 0);
  head.writeUInt16BE(count, 4);
  const power = 2 ** Math.floor(Math.log2(count));
  head.writeUInt16BE(power * SFNT.entry, 6);
  head.writeUInt16BE(Math.log2(power), 8);
  head.writeUInt16BE((count - power) * SFNT.entry, 10);
  const tables: Buffer[] = [];
  let at = head.length;
  for (let i = 0; i < count; i += 1) {
    const { tag, checksum, table } = tableOf(file, WOFF.header + i * WOFF.entry);
    const entry = SFNT.header + i * SFNT.entry;
    head.write(tag, entry, "latin1");
    head.writeUInt32BE(checksum, entry + 4);
    head.writeUInt32BE(at, entry + 8);
    head.writeUInt32BE(table.length, entry + 12);
    const padding = Buffer.alloc(-table.length & 3);
    tables.push(table, padding);
    at += table.length + padding.length;
  }
  return Buffer.concat([head, ...tables]);
}

/** A table that would not become smaller is there as it is. */
function tableOf(file: Buffer, entry: number): { tag: string; checksum: number; table: Buffer } {
  const [offset = 0, packed = 0, length = 0, checksum = 0] = [4, 8, 12, 16].map((each) =>
    file.readUInt32BE(entry + each),
  );
  const bytes = file.subarray(offset, offset + packed);
  const table = packed < length ? inflateSync(bytes, { maxOutputLength: length }) : bytes;
  return { tag: file.toString("latin1", entry, entry + 4), checksum, table };
}
