import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writeFileDurably } from "../../chain/files.ts";
import { takeProcessLock } from "../../chain/process-lock.ts";
import { equalBytes, toHex } from "../../core/bytes.ts";
import { CheckError, errorCode, RefusedError, UnavailableError } from "../../core/errors.ts";
import { hexField, readFields, u64Field } from "../../core/json.ts";
import { parseCheckpoint } from "../../core/log/checkpoint.ts";
import { parseNote } from "../../core/log/signed-note.ts";

/** The last head of a log that was cosigned. */
export interface Head {
  readonly size: bigint;
  /** 32 bytes. */
  readonly root: Uint8Array;
  /** Of its last cosignature; seconds since the epoch. */
  readonly time: bigint;
  /** The checkpoint as its log signed it. */
  readonly note: string;
}

const headFile = z.strictObject({
  version: z.literal(1, { error: "1" }),
  origin: z.string({ error: "an origin" }),
  size: u64Field,
  root: hexField(32),
  time: u64Field,
  note: z.string({ error: "a checkpoint" }),
});

/**
 * The heads a witness cosigned, one durable file a log.
 *
 * Reading, deciding and `keep` happen in one turn of the event loop, with no await between: that is what makes them
 * atomic. Each `keep` first compares the file with what was written last, so whoever changes it in spite of the lock is
 * noticed before two heads are cosigned.
 */
export class Heads {
  readonly #folder: string;
  readonly #unlock: () => void;
  /** Content of each file as this process knows it. */
  readonly #texts = new Map<string, string>();
  /** Logs whose file this process knows to be on the disk. */
  readonly #synced = new Set<string>();

  private constructor(folder: string, unlock: () => void) {
    this.#folder = folder;
    this.#unlock = unlock;
  }

  /**
   * @param origins Logs whose heads must be readable.
   * @throws RefusedError while another process holds the folder; CheckError when a file is damaged.
   */
  static open(folder: string, origins: readonly string[]): Heads {
    mkdirSync(join(folder, "heads"), { recursive: true, mode: 0o700 });
    const unlock = takeProcessLock(join(folder, "lock"));
    if (unlock === undefined)
      throw new RefusedError(`another witness works in ${folder}`, {
        next: "stop it, or give this one a folder, a name and a key of its own",
      });
    const heads = new Heads(folder, unlock);
    try {
      for (const name of readdirSync(join(folder, "heads")).filter((each) => each.endsWith(".tmp")))
        rmSync(join(folder, "heads", name));
      for (const origin of origins) heads.#load(origin);
      return heads;
    } catch (error) {
      unlock();
      throw error;
    }
  }

  /** The last head of a log; undefined before the first. @throws UnavailableError when the file was changed by others. */
  last(origin: string): Head | undefined {
    const text = this.#read(origin);
    if (text !== this.#texts.get(origin))
      throw new UnavailableError(`${this.#path(origin)} was changed by another process`, {
        next: "let one witness alone work in its folder, then start it again",
      });
    return text === undefined ? undefined : decode(this.#path(origin), origin, text);
  }

  /**
   * Makes a head the last one; on the disk once this returns.
   *
   * @throws UnavailableError when it may not be. If the file was renamed all the same, the log is refused until a new start.
   */
  keep(origin: string, head: Head): void {
    this.last(origin);
    const text = encode(origin, head);
    if (text === this.#texts.get(origin) && this.#synced.has(origin)) return;
    try {
      writeFileDurably(this.#path(origin), text, 0o600);
    } catch (cause) {
      throw new UnavailableError(`${this.#path(origin)} cannot be written (${errorCode(cause)})`, { cause });
    }
    this.#texts.set(origin, text);
    this.#synced.add(origin);
  }

  /** Keeps two heads that one log signed for one size: proof that it forked. Only the first such pair of a log. */
  keepEvidence(origin: string, cosigned: string, other: string): string {
    const path = join(this.#folder, "evidence", `${nameOf(origin)}.json`);
    if (!existsSync(path))
      writeFileDurably(path, `${JSON.stringify({ origin, cosigned, other }, undefined, 1)}\n`, 0o600);
    return path;
  }

  close(): void {
    this.#unlock();
  }

  #load(origin: string): void {
    const text = this.#read(origin);
    if (text === undefined) return;
    decode(this.#path(origin), origin, text);
    this.#texts.set(origin, text);
  }

  #read(origin: string): string | undefined {
    const path = this.#path(origin);
    try {
      return readFileSync(path, "utf8");
    } catch (cause) {
      if (errorCode(cause) === "ENOENT") return undefined;
      throw new UnavailableError(`${path} cannot be read (${errorCode(cause)})`, { cause });
    }
  }

  #path(origin: string): string {
    return join(this.#folder, "heads", `${nameOf(origin)}.json`);
  }
}

/** An origin is any text; its hash is a file's name. */
function nameOf(origin: string): string {
  return createHash("sha256").update(origin).digest("hex");
}

function encode(origin: string, { size, root, time, note }: Head): string {
  const file = { version: 1, origin, size: size.toString(), root: toHex(root), time: time.toString(), note };
  return `${JSON.stringify(file, undefined, 1)}\n`;
}

/** @throws CheckError for anything but what `encode` wrote: a forgotten head could be forked. */
function decode(path: string, origin: string, text: string): Head {
  try {
    const { version: _, origin: named, ...head } = readFields(headFile, JSON.parse(text), path);
    const checkpoint = parseCheckpoint(parseNote(head.note).text);
    const same =
      named === origin &&
      checkpoint.origin === origin &&
      checkpoint.size === head.size &&
      equalBytes(checkpoint.root, head.root) &&
      encode(origin, head) === text;
    if (same) return head;
    throw new CheckError(`${path} contradicts itself`);
  } catch (cause) {
    throw new CheckError(`${path} is damaged: what was cosigned last is not known`, {
      cause,
      next: "restore the newest copy of the folder if there is one no older than the last cosignature; else retire this witness's key",
    });
  }
}
