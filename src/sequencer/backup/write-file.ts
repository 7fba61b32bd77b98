import { randomBytes } from "node:crypto";
import { createWriteStream, mkdirSync, rmSync } from "node:fs";
import { rename } from "node:fs/promises";
import { dirname } from "node:path";
import { PassThrough, Readable, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { createGzip } from "node:zlib";
import { Encrypter } from "age-encryption";
import { digestStream } from "../../chain/digest-stream.ts";
import { InputError } from "../../core/errors.ts";
import { syncFolder } from "../../keys/files.ts";

/** A file that was written. */
export interface WrittenFile {
  readonly path: string;
  readonly bytes: number;
  /** SHA-256 of the file as it is, hex. */
  readonly sha256: string;
}

/**
 * Writes lines into a compressed file, and encrypts it to an age recipient when there is one. The file appears under its name
 * when it is whole and on disk; the old one of that name is then gone.
 *
 * @param lines Without newlines.
 * @param recipient `age1...`
 */
export async function writeLines(
  path: string,
  lines: AsyncIterable<string>,
  recipient?: string,
): Promise<WrittenFile> {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  const counted = digestStream();
  const file = createWriteStream(temporary, { flags: "wx", mode: 0o600, flush: true });
  try {
    const source = Readable.from(withNewlines(lines), { objectMode: false });
    if (recipient === undefined) await pipeline(source, createGzip({ level: 4 }), counted.stream, file);
    else await encrypted(source, recipient, counted.stream, file);
    await rename(temporary, path);
    await syncFolder(folder);
  } catch (error) {
    file.destroy();
    rmSync(temporary, { force: true });
    throw error;
  }
  return { path, ...counted.digest() };
}

async function encrypted(
  source: Readable,
  recipient: string,
  counted: Transform,
  file: NodeJS.WritableStream,
): Promise<void> {
  const encrypter = new Encrypter();
  try {
    encrypter.addRecipient(recipient);
  } catch {
    throw InputError.expected("recipient", "an age recipient, age1...", `${recipient.slice(0, 8)}...`);
  }
  const plain = new PassThrough();
  const compressed = pipeline(source, createGzip({ level: 4 }), plain);
  const sealed = await encrypter.encrypt(Readable.toWeb(plain) as globalThis.ReadableStream<Uint8Array>);
  const written = pipeline(Readable.fromWeb(sealed as unknown as ReadableStream), counted, file);
  await Promise.all([compressed, written]);
}

async function* withNewlines(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`;
}
