import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { CheckError, errorCode, UnavailableError } from "../../core/errors.ts";

/** First line of every journal; the chain of checksums begins with it. */
const HEADER = "proofx relayer journal 1";
const CHECKSUM_LENGTH = 32;

/** What was found when a journal was opened. */
export interface OpenedJournal {
  readonly journal: Journal;
  /** JSON values in the order they were appended. */
  readonly entries: readonly unknown[];
  /** Bytes at the end that a crash left half written; they were cut off. */
  readonly tornBytes: number;
}

/**
 * An append-only file of JSON lines. Each line begins with a checksum over the one before and itself, and is on the disk
 * (fsync) before `append` returns.
 *
 * A crash can only leave the last line half written, which opening cuts off: its author was never told that it is kept. A
 * fault anywhere else is damage and refused, because a forgotten step could be taken twice.
 */
export class Journal {
  readonly #path: string;
  #file: number;
  #length: number;
  #last: string;
  #closed = false;
  /** Set when a write failed: bytes after `#length` are not ours. */
  #dirty = false;

  private constructor(path: string, file: number, length: number, last: string) {
    this.#path = path;
    this.#file = file;
    this.#length = length;
    this.#last = last;
  }

  /** @throws CheckError naming the line that is damaged; UnavailableError when the file cannot be used. */
  static open(path: string): OpenedJournal {
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      if (!existsSync(path)) replaceDurably(path, `${HEADER}\n`);
      const content = readFileSync(path);
      const { entries, length, last } = readLines(path, content);
      const file = openSync(path, "r+", 0o600);
      const journal = new Journal(path, file, length, last);
      if (length < content.length) {
        ftruncateSync(file, length);
        fsyncSync(file);
      }
      return { journal, entries, tornBytes: content.length - length };
    } catch (cause) {
      if (cause instanceof CheckError) throw cause;
      throw new UnavailableError(`${path} cannot be used (${errorCode(cause)})`, { cause });
    }
  }

  /** Bytes on the disk. */
  get length(): number {
    return this.#length;
  }

  /** @throws UnavailableError when the disk does not take it; then nothing was appended. */
  append(entry: object): void {
    if (this.#closed) throw new UnavailableError(`${this.#path} is closed`);
    const { line, checksum } = encode(this.#last, entry);
    try {
      if (this.#dirty) ftruncateSync(this.#file, this.#length);
      this.#dirty = true;
      writeWhole(this.#file, Buffer.from(line), this.#length);
      fsyncSync(this.#file);
    } catch (cause) {
      throw new UnavailableError(`${this.#path} cannot be written (${errorCode(cause)})`, {
        cause,
        next: "see to the disk; what was accepted before is kept",
      });
    }
    this.#dirty = false;
    this.#length += Buffer.byteLength(line);
    this.#last = checksum;
  }

  /** Replaces the whole content, all or nothing. */
  rewrite(entries: readonly object[]): void {
    let last = HEADER;
    let text = `${HEADER}\n`;
    for (const entry of entries) {
      const { line, checksum } = encode(last, entry);
      text += line;
      last = checksum;
    }
    replaceDurably(this.#path, text);
    closeSync(this.#file);
    this.#file = openSync(this.#path, "r+");
    this.#length = Buffer.byteLength(text);
    this.#last = last;
    this.#dirty = false;
  }

  close(): void {
    this.#closed = true;
    closeSync(this.#file);
  }
}

function encode(last: string, entry: object): { line: string; checksum: string } {
  const json = JSON.stringify(entry);
  const checksum = checksumOf(last, json);
  return { line: `${checksum} ${json}\n`, checksum };
}

function checksumOf(last: string, json: string): string {
  return createHash("sha256").update(`${last}\n${json}`).digest("hex").slice(0, CHECKSUM_LENGTH);
}

function readLines(path: string, content: Buffer) {
  const entries: unknown[] = [];
  let [length, last, number] = [0, HEADER, 0];
  while (length < content.length) {
    const end = content.indexOf(0x0a, length);
    const line = content.subarray(length, end === -1 ? content.length : end).toString();
    // A write that a crash cut short ends without a line end, or has pages in it that never reached the disk: zeros.
    const isLast = end === -1 || end === content.length - 1;
    const torn = isLast && (end === -1 || line.includes("\0"));
    number += 1;
    const entry = number === 1 ? headerOf(line, end) : entryOf(last, line, end);
    if (entry === undefined) {
      if (torn && number > 1) break;
      throw new CheckError(`${path}: line ${number} is damaged`, {
        next: "restore the folder from a copy that is not older than the last submission, or begin in an empty one once no transaction of the sender is under way",
      });
    }
    if (number > 1) {
      entries.push(entry.value);
      last = line.slice(0, CHECKSUM_LENGTH);
    }
    length = end + 1;
  }
  return { entries, length, last };
}

function headerOf(line: string, end: number): { value: unknown } | undefined {
  return line === HEADER && end !== -1 ? { value: undefined } : undefined;
}

function entryOf(last: string, line: string, end: number): { value: unknown } | undefined {
  const json = line.slice(CHECKSUM_LENGTH + 1);
  if (end === -1 || line !== `${checksumOf(last, json)} ${json}`) return undefined;
  return { value: JSON.parse(json) };
}

function writeWhole(file: number, bytes: Buffer, position: number): void {
  let written = 0;
  while (written < bytes.length) {
    written += writeSync(file, bytes, written, bytes.length - written, position + written);
  }
}

function replaceDurably(path: string, text: string): void {
  const temporary = `${path}.new`;
  const file = openSync(temporary, "w", 0o600);
  try {
    writeWhole(file, Buffer.from(text), 0);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
