import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import lockfile from "proper-lockfile";
import { z } from "zod";
import { writeFileDurably } from "../../chain/files.ts";
import { equalBytes, toHex } from "../../core/bytes.ts";
import { CheckError, errorCode, RefusedError, UnavailableError } from "../../core/errors.ts";
import { hexField, readFields, u64Field } from "../../core/json.ts";
import { parseCheckpoint } from "../../core/log/checkpoint.ts";
import { parseNote } from "../../core/log/signed-note.ts";

/** The lock of a killed process is taken over after this. */
const STALE_MS = 5_000;
const RETRY_MS = 500;

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
 * atomic. Each `keep` first compares the file with what was written last, so a second process that got past the lock is
 * noticed before two heads are cosigned.
 */
export class Heads {
  readonly #folder: string;
  readonly #unlock: () => Promise<void>;
  /** Content of each file as this process knows it. */
  readonly #texts = new Map<string, string>();
  #lost: Error | undefined;

  private constructor(folder: string, unlock: () => Promise<void>) {
    this.#folder = folder;
    this.#unlock = unlock;
  }

  /**
   * @param origins Logs whose heads must be readable.
   * @throws RefusedError while another process holds the folder; CheckError when a file is damaged.
   */
  static async open(folder: string, origins: readonly string[]): Promise<Heads> {
    mkdirSync(join(folder, "heads"), { recursive: true, mode: 0o700 });
    const held: { lose: (error: Error) => void } = { lose: () => undefined };
    const retries = {
      retries: STALE_MS / RETRY_MS + 2,
      factor: 1,
      minTimeout: RETRY_MS,
      maxTimeout: RETRY_MS,
    };
    const unlock = await lockfile
      .lock(folder, {
        stale: STALE_MS,
        update: STALE_MS / 5,
        retries,
        onCompromised: (error) => held.lose(error),
      })
      .catch((cause: unknown) => {
        throw new RefusedError(`another witness works in ${folder}`, {
          cause,
          next: "stop it, or give this one a folder, a name and a key of its own",
        });
      });
    const heads = new Heads(folder, unlock);
    held.lose = (error) => {
      heads.#lost = error;
    };
    try {
      for (const name of readdirSync(join(folder, "heads")).filter((each) => each.endsWith(".tmp")))
        rmSync(join(folder, "heads", name));
      for (const origin of origins) heads.#load(origin);
      return heads;
    } catch (error) {
      await unlock();
      throw error;
    }
  }

  /** Whether the lock is gone, e.g. after the machine slept: then nothing is cosigned any more. */
  get lost(): boolean {
    return this.#lost !== undefined;
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

  /** Makes a head the last one; on the disk once this returns. @throws UnavailableError when it is not. */
  keep(origin: string, head: Head): void {
    if (this.#lost !== undefined)
      throw new UnavailableError(`the lock of ${this.#folder} was lost`, { cause: this.#lost });
    this.last(origin);
    const text = encode(origin, head);
    try {
      writeFileDurably(this.#path(origin), text, 0o600);
    } catch (cause) {
      // Renamed but perhaps not on the disk: whichever it is now is what the next one is compared with.
      this.#load(origin);
      throw new UnavailableError(`${this.#path(origin)} cannot be written (${errorCode(cause)})`, { cause });
    }
    this.#texts.set(origin, text);
  }

  /** Keeps two heads that one log signed for one size: proof that it forked. Only the first such pair of a log. */
  keepEvidence(origin: string, cosigned: string, other: string): string {
    const path = join(this.#folder, "evidence", `${nameOf(origin)}.json`);
    if (!existsSync(path))
      writeFileDurably(path, `${JSON.stringify({ origin, cosigned, other }, undefined, 1)}\n`, 0o600);
    return path;
  }

  async close(): Promise<void> {
    if (this.#lost === undefined) await this.#unlock();
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
