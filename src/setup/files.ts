import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";

export interface FileHashes {
  readonly bytes: number;
  /** 0x-hex. */
  readonly sha256: string;
  /** BLAKE2b-512, 0x-hex: what powers of tau files are published under. */
  readonly blake2b: string;
}

/** Hashes a file in one pass, without holding it in memory: powers of tau files reach 288 GB. */
export async function hashFile(path: string): Promise<FileHashes> {
  const sha256 = createHash("sha256");
  const blake2b = createHash("blake2b512");
  let bytes = 0;
  await pipeline(
    createReadStream(path, { highWaterMark: 1 << 20 }),
    async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) {
        sha256.update(chunk);
        blake2b.update(chunk);
        bytes += chunk.length;
      }
    },
  );
  return { bytes, sha256: `0x${sha256.digest("hex")}`, blake2b: `0x${blake2b.digest("hex")}` };
}

/** Lets `make` write to a name of its own; the file is at `path` only when it is whole and on the disk. */
export async function writeWhole(path: string, make: (partial: string) => Promise<unknown>): Promise<void> {
  const partial = `${path}.partial`;
  await rm(partial, { force: true });
  await make(partial);
  await sync(partial);
  await rename(partial, path);
  await sync(dirname(path));
}

/** Puts a finished folder in its place by one rename, and makes that last. */
export async function moveFolder(from: string, to: string): Promise<void> {
  await sync(from);
  await rename(from, to);
  await sync(dirname(to));
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
