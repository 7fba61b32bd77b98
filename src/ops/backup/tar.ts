import { CheckError, InputError } from "../../core/errors.ts";

const BLOCK = 512;
const NAME_BYTES = 100;
const PREFIX_BYTES = 155;
/** Above it a size takes GNU's binary form. */
const OCTAL_SIZE = 8 ** 11;
const MAX_CHUNK = 65_536;

/** What a tape archive says of one file. */
export interface TarEntry {
  /** Relative, with `/`, never with `..`. */
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  /** Bytes. */
  readonly size: number;
}

/** The 512 bytes before a file's content, as POSIX ustar has them; any `tar` reads it. @throws InputError for a path that is too long. */
export function tarHeader({ path, mode, size }: TarEntry): Uint8Array {
  const header = Buffer.alloc(BLOCK);
  const [prefix, name] = splitPath(path);
  header.write(name, 0);
  header.write(octal(mode & 0o777, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  if (size < OCTAL_SIZE) header.write(octal(size, 11), 124);
  else {
    header[124] = 0x80;
    header.writeBigUInt64BE(BigInt(size), 128);
  }
  header.write(octal(0, 11), 136);
  header.write("        ", 148);
  header.write("0", 156);
  header.write("ustar\x0000", 257, "latin1");
  header.write(prefix, 345);
  header.write(`${octal(checksum(header), 6)}\x00 `, 148, "latin1");
  return header;
}

/** Zeros that fill a file's last block. */
export const tarPadding = (size: number): Uint8Array => new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK);

/** What ends an archive. */
export const TAR_END: Uint8Array = new Uint8Array(2 * BLOCK);

/** A file of an archive that is being read; its body is to be read before the next. */
export interface ReadEntry extends TarEntry {
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * Reads an archive that holds nothing but regular files under plain relative paths.
 *
 * @throws CheckError for anything else, and for one that is damaged or cut short.
 */
export async function* readTar(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ReadEntry> {
  const bytes = new ByteReader(chunks);
  for (;;) {
    const header = await bytes.take(BLOCK);
    if (header.every((byte) => byte === 0)) return;
    const entry = parseHeader(header);
    let unread = entry.size;
    async function* body(): AsyncGenerator<Uint8Array> {
      while (unread > 0) {
        const part = await bytes.take(Math.min(unread, MAX_CHUNK));
        unread -= part.length;
        yield part;
      }
    }
    yield { ...entry, body: body() };
    if (unread > 0) throw new Error("an entry's body is read before the next entry");
    await bytes.take(tarPadding(entry.size).length);
  }
}

/** Whether a path stays below the folder that it is put in. */
export function isPlainPath(path: string): boolean {
  const parts = path.split("/");
  return (
    !path.includes("\\") && !path.includes("\0") && parts.every((part) => !["", ".", ".."].includes(part))
  );
}

function parseHeader(header: Buffer): TarEntry {
  const sum = Number.parseInt(text(header, 148, 8), 8);
  const type = text(header, 156, 1);
  const prefix = text(header, 345, PREFIX_BYTES);
  const path = `${prefix === "" ? "" : `${prefix}/`}${text(header, 0, NAME_BYTES)}`;
  const size =
    header[124] === 0x80 ? Number(header.readBigUInt64BE(128)) : Number.parseInt(text(header, 124, 12), 8);
  const blank = Buffer.from(header).fill(0x20, 148, 156);
  if (checksum(blank) !== sum || !Number.isSafeInteger(size) || size < 0)
    throw new CheckError("the archive is damaged: a header is none");
  if (type !== "0" || !isPlainPath(path))
    throw new CheckError(
      `the archive holds something else than files below its own folder: ${path.slice(0, 80)}`,
    );
  return { path, mode: Number.parseInt(text(header, 100, 8), 8) & 0o777, size };
}

const text = (header: Buffer, at: number, length: number): string =>
  header
    .subarray(at, at + length)
    .toString("utf8")
    .replace(/\0.*$/s, "")
    .trim();

const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, "0");

const checksum = (header: Uint8Array): number => header.reduce((sum, byte) => sum + byte, 0);

function splitPath(path: string): [prefix: string, name: string] {
  if (!isPlainPath(path)) throw InputError.expected("path in a backup", "a relative path", path);
  if (Buffer.byteLength(path) <= NAME_BYTES) return ["", path];
  for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)];
    if (Buffer.byteLength(prefix) <= PREFIX_BYTES && Buffer.byteLength(name) <= NAME_BYTES)
      return [prefix, name];
  }
  throw new InputError(
    `path in a backup: expected at most ${NAME_BYTES} bytes after a "/", got ${path.slice(0, 80)}...`,
  );
}

/** Hands out exactly as many bytes as are asked for. */
class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #held: Uint8Array[] = [];
  #length = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** @throws CheckError when there are fewer. */
  async take(length: number): Promise<Buffer> {
    while (this.#length < length) {
      const next = await this.#chunks.next();
      if (next.done === true) throw new CheckError("the archive is cut short");
      this.#held.push(next.value);
      this.#length += next.value.length;
    }
    const all = Buffer.concat(this.#held);
    this.#held = [all.subarray(length)];
    this.#length = all.length - length;
    return all.subarray(0, length);
  }
}
