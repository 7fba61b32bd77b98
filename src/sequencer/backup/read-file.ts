import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { createGunzip } from "node:zlib";
import { Decrypter } from "age-encryption";
import { CheckError, errorCode, InputError, ProofXError, UnavailableError } from "../../core/errors.ts";
import { type BackupHeader, type BackupManifest, type BackupRow, parseHeader, parseLine } from "./format.ts";

const MAGIC = "age-encryption.org/v1";

/** One row of a backup, in the order of its file. */
export interface PlacedRow {
  readonly table: string;
  readonly row: BackupRow;
}

/** A backup that is being read: rows once, then the manifest, which was compared with what was read. */
export interface BackupReader {
  readonly header: BackupHeader;
  /** @throws CheckError when the file is damaged, cut short, or its manifest does not fit. */
  rows(): AsyncGenerator<PlacedRow, BackupManifest>;
}

/**
 * Opens a backup's file.
 *
 * @param identity `AGE-SECRET-KEY-1...`, for an encrypted one.
 * @throws UnavailableError when it cannot be read; InputError for an encrypted one without its identity; CheckError when it is damaged.
 */
export async function openBackup(path: string, identity?: string): Promise<BackupReader> {
  const hash = createHash("sha256");
  const lines = await readLines(path, identity);
  const first = await lines.next();
  if (first.done === true) throw new CheckError(`${path} is empty`);
  hash.update(`${first.value}\n`);
  const header = parseHeader(parseJson(first.value, path, 1));
  return { header, rows: () => rowsOf(lines, header, hash, path) };
}

/** Lines of a file that `writeLines` wrote. @throws as `openBackup`; CheckError while reading. */
export async function readLines(path: string, identity?: string): Promise<AsyncGenerator<string>> {
  return linesOf(await plainStream(path, identity), path);
}

async function* rowsOf(
  lines: AsyncGenerator<string>,
  header: BackupHeader,
  hash: ReturnType<typeof createHash>,
  path: string,
): AsyncGenerator<PlacedRow, BackupManifest> {
  const counts = new Map<string, number>();
  const left = [...header.tables];
  let table: (typeof left)[number] | undefined;
  let number = 1;
  for await (const text of lines) {
    number++;
    const line = parseLine(parseJson(text, path, number));
    if (line.kind === "manifest") {
      requireManifest(path, line.manifest, hash.digest("hex"), counts, left.length);
      const more = await lines.next();
      if (more.done !== true) throw new CheckError(`${path}: there is more after its manifest`);
      return line.manifest;
    }
    hash.update(`${text}\n`);
    if (line.kind === "section") {
      table = left.shift();
      if (table?.name !== line.table)
        throw new CheckError(
          `${path}:${number}: expected table ${table?.name ?? "no more"}, got ${line.table}`,
        );
      counts.set(line.table, 0);
    } else {
      if (table === undefined || line.row.length !== table.columns.length)
        throw new CheckError(`${path}:${number}: a row that is not of its table`);
      counts.set(table.name, (counts.get(table.name) ?? 0) + 1);
      yield { table: table.name, row: line.row };
    }
  }
  throw new CheckError(`${path}: it ends before its manifest: it was cut short`);
}

function requireManifest(
  path: string,
  manifest: BackupManifest,
  digest: string,
  counts: ReadonlyMap<string, number>,
  missing: number,
): void {
  if (manifest.sha256 !== digest)
    throw new CheckError(`${path}: its content is not the one its manifest names`);
  if (missing > 0) throw new CheckError(`${path}: ${missing} tables are missing`);
  for (const [table, count] of counts) {
    if (manifest.rows[table] !== count)
      throw new CheckError(`${path}: ${table}: expected ${manifest.rows[table]} rows, got ${count}`);
  }
}

async function plainStream(path: string, identity: string | undefined): Promise<AsyncIterable<Buffer>> {
  const encrypted = await isEncrypted(path);
  const file = createReadStream(path);
  const decompressed = createGunzip();
  if (!encrypted) {
    file.on("error", (error) => decompressed.destroy(error));
    return file.pipe(decompressed);
  }
  if (identity === undefined) {
    file.destroy();
    throw new InputError(`${path} is encrypted`, { next: "name its age identity with --identity FILE" });
  }
  const decrypter = new Decrypter();
  try {
    decrypter.addIdentity(identity.trim());
  } catch {
    file.destroy();
    throw new InputError("identity: expected AGE-SECRET-KEY-1..., got something else");
  }
  try {
    const opened = await decrypter.decrypt(Readable.toWeb(file) as globalThis.ReadableStream<Uint8Array>);
    const plain = Readable.fromWeb(opened as unknown as ReadableStream);
    plain.on("error", (error) => decompressed.destroy(error));
    return plain.pipe(decompressed);
  } catch {
    file.destroy();
    throw new CheckError(`${path}: the identity does not open it`, {
      next: "name the identity it was encrypted to",
    });
  }
}

async function isEncrypted(path: string): Promise<boolean> {
  try {
    const handle = await open(path, "r");
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, 0);
      return buffer.subarray(0, bytesRead).toString("latin1") === MAGIC;
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw new UnavailableError(`${path} cannot be read (${errorCode(cause)})`, { cause });
  }
}

/** Lines of UTF-8; the last one ends in a newline too. */
async function* linesOf(chunks: AsyncIterable<Buffer>, path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const parts: string[] = [];
  try {
    for await (const chunk of chunks) {
      const [head = "", ...rest] = decoder.decode(chunk, { stream: true }).split("\n");
      parts.push(head);
      for (const next of rest) {
        yield parts.join("");
        parts.length = 0;
        parts.push(next);
      }
    }
    decoder.decode();
  } catch (cause) {
    if (cause instanceof ProofXError) throw cause;
    throw new CheckError(`${path} is damaged or cut short (${errorCode(cause)})`, { cause });
  }
  if (parts.join("") !== "") throw new CheckError(`${path} is cut short`);
}

/** A line's JSON. @throws CheckError naming the line. */
export function parseJson(text: string, path: string, number: number): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CheckError(`${path}:${number}: no JSON: the file is damaged`, { cause });
  }
}
