import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Writes chunks into a new file that only its owner may read. */
export async function writeStreamTo(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  await pipeline(
    Readable.from(chunks, { objectMode: false }),
    createWriteStream(path, { flags: "wx", mode: 0o600 }),
  );
}
