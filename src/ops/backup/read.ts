import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { createGunzip } from "node:zlib";
import { Decrypter } from "age-encryption";
import { CheckError, errorCode, ProofXError, UnavailableError } from "../../core/errors.ts";
import {
  type BackupHeader,
  type BackupManifest,
  MANIFEST,
  parseHeaderLine,
  parseManifest,
} from "./manifest.ts";
import { type Openers, openIdentity } from "./seal.ts";
import { checkSigner, type Signer, type Trust } from "./signature.ts";
import { type ReadEntry, readTar } from "./tar.ts";

const MAX_LINE = 4 * 2 ** 20;
const MAX_MANIFEST = 256 * 2 ** 20;

/** A backup's first line, and where its content begins. */
export interface OpenedHeader {
  readonly header: BackupHeader;
  /** Bytes before the content. */
  readonly offset: number;
}

/** Reads the line that everybody may read. @throws UnavailableError when it cannot be read; CheckError when it is none. */
export async function readHeader(file: string): Promise<OpenedHeader> {
  const handle = await open(file, "r").catch((cause: unknown) => {
    throw new UnavailableError(`${file} cannot be read (${errorCode(cause)})`, { cause });
  });
  try {
    const parts: Buffer[] = [];
    for (let at = 0; at < MAX_LINE; ) {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(65_536), 0, 65_536, at);
      const end = buffer.subarray(0, bytesRead).indexOf(0x0a);
      if (end !== -1) {
        parts.push(buffer.subarray(0, end));
        return { header: parseHeaderLine(Buffer.concat(parts).toString("utf8"), file), offset: at + end + 1 };
      }
      if (bytesRead === 0) break;
      parts.push(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
  } finally {
    await handle.close();
  }
  throw new CheckError(`${file}: no backup of an organisation: it has no first line`);
}

/** Compares the encrypted content with its first line: what can be seen without opening it. @throws CheckError when it is another. */
export async function checkContent(file: string, { header, offset }: OpenedHeader): Promise<void> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of createReadStream(file, { start: offset })) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  if (bytes !== header.content.bytes || hash.digest("hex") !== header.content.sha256)
    throw new CheckError(`${file}: its content is damaged or cut short`, {
      next: "take another copy of this backup",
    });
}

/** What was read, and who wrote it; no signer for a backup without a signature. */
export interface ReadBackup {
  readonly header: BackupHeader;
  readonly manifest: BackupManifest;
  readonly signer: Signer | undefined;
}

/** What is done with a file of a backup while it is read; nothing counts before `readBackup` resolves. */
export type EachFile = (entry: ReadEntry) => Promise<void>;

/**
 * Reads a backup from its first byte to its last: the encryption's own checks, and the hash of every file.
 *
 * @param by The backup's own identity, or what opens it.
 * @param trust Whose backup it may be.
 * @param each Told of every file; its body arrives chunk by chunk, and may be left unread.
 * @throws CheckError naming the first thing that is wrong; RefusedError for a backup of nobody who is trusted.
 */
export async function readBackup(
  file: string,
  by: { readonly identity: string } | Openers,
  trust: Trust,
  each: EachFile = async () => {},
): Promise<ReadBackup> {
  const opened = await readHeader(file);
  const { header, offset } = opened;
  const signer = checkSigner(file, header, trust);
  await checkContent(file, opened);
  const identity = "identity" in by ? by.identity : await openIdentity(header, by);
  const seen = new Map<string, string>();
  let manifest: BackupManifest | undefined;
  try {
    for await (const entry of readTar(await decrypted(file, offset, identity))) {
      if (manifest !== undefined) throw new CheckError(`${file}: files come after the manifest`);
      if (entry.path === MANIFEST) manifest = parseManifest(await textOf(entry));
      else seen.set(entry.path, await pass(entry, each));
    }
  } catch (cause) {
    if (cause instanceof ProofXError) throw cause;
    throw new CheckError(`${file} is damaged or cut short (${errorCode(cause)})`, { cause });
  }
  if (manifest === undefined) throw new CheckError(`${file}: it ends before its manifest`);
  requireSame(file, header, manifest, seen);
  return { header, manifest, signer };
}

function requireSame(
  file: string,
  header: BackupHeader,
  { files, ...about }: BackupManifest,
  seen: ReadonlyMap<string, string>,
): void {
  const { threshold: _, holders: __, content: ___, signed_by: ____, ...told } = header;
  if (!sameFields(told, about))
    throw new CheckError(`${file}: its first line tells of another backup than the one inside`);
  for (const [name, sha256] of Object.entries(files))
    if (seen.get(name) !== sha256)
      throw new CheckError(`${file}: ${name} is missing or another than its manifest names`);
  for (const name of seen.keys())
    if (files[name] === undefined) throw new CheckError(`${file}: ${name} is not in its manifest`);
}

const sameFields = (a: object, b: object): boolean =>
  JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());

async function decrypted(file: string, start: number, identity: string): Promise<AsyncIterable<Uint8Array>> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  const source = createReadStream(file, { start });
  try {
    const opened = await decrypter.decrypt(Readable.toWeb(source) as globalThis.ReadableStream<Uint8Array>);
    const plain = Readable.fromWeb(opened as unknown as ReadableStream);
    const unzipped = createGunzip();
    plain.on("error", (error) => unzipped.destroy(error));
    return plain.pipe(unzipped);
  } catch (cause) {
    source.destroy();
    throw new CheckError(`${file}: what its holders have does not open it`, { cause });
  }
}

/** Hands a file on, reads what is left of it, and gives its hash. */
async function pass(entry: ReadEntry, each: EachFile): Promise<string> {
  const hash = createHash("sha256");
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of entry.body) {
      hash.update(chunk);
      yield chunk;
    }
  }
  const body = hashed();
  await each({ ...entry, body: { [Symbol.asyncIterator]: () => ({ next: () => body.next() }) } });
  for await (const _ of body);
  return hash.digest("hex");
}

async function textOf({ body, size }: ReadEntry): Promise<string> {
  if (size > MAX_MANIFEST) throw new CheckError("the backup's manifest is too large to be one");
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
