import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { writeFileDurably } from "../../chain/files.ts";
import { CheckError, errorCode, UnavailableError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { canonicalText } from "../../core/json.ts";

/** Earlier ones are kept, for a chain that undoes what was final. */
const KEPT = 32;
/** What the first checkpoint of all comes after. */
const NOTHING = "0".repeat(64);

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const entry = z.strictObject({
  sequence: z.int().min(1),
  time: z.string(),
  previous: hash,
  state: z.unknown(),
  hash,
});
type Entry = z.infer<typeof entry>;

/**
 * How far one source was followed, on the disk. Each checkpoint has the hash of the one before; the last ones are kept.
 *
 * It is written after everything up to it was delivered: a crash in between delivers again, and nothing is ever left out.
 */
export class CheckpointFile<S> {
  readonly #path: string;
  readonly #subject: string;
  readonly #state: z.ZodType<S>;
  #entries: readonly Entry[];

  private constructor(path: string, subject: string, state: z.ZodType<S>, entries: readonly Entry[]) {
    this.#path = path;
    this.#subject = subject;
    this.#state = state;
    this.#entries = entries;
  }

  /**
   * @param subject What is followed, e.g. a chain by id and genesis; a file of another one is refused.
   * @throws CheckError for a file that is damaged, whose links do not hold or which belongs to another source;
   *   UnavailableError when it cannot be read.
   */
  static open<S>(path: string, subject: string, state: z.ZodType<S>): CheckpointFile<S> {
    const entries = existsSync(path) ? readEntries(path, subject, state) : [];
    return new CheckpointFile(path, subject, state, entries);
  }

  /** The newest one; undefined before the first. */
  get last(): S | undefined {
    return this.states()[0];
  }

  /** When the newest was written, milliseconds since 1970. */
  get written(): number | undefined {
    const time = this.#entries.at(-1)?.time;
    return time === undefined ? undefined : Date.parse(time);
  }

  /** How many there were so far. */
  get sequence(): number {
    return this.#entries.at(-1)?.sequence ?? 0;
  }

  /** The kept ones, newest first. */
  states(): S[] {
    return this.#entries.map(({ state }) => this.#state.parse(state)).reverse();
  }

  /** On the disk once this returns. @throws UnavailableError when the disk does not take it; then the last one stands. */
  write(state: S, now: number): void {
    const before = this.#entries.at(-1);
    const unsigned = {
      sequence: (before?.sequence ?? 0) + 1,
      time: new Date(now).toISOString(),
      previous: before?.hash ?? NOTHING,
      state: state as Json,
    };
    const entries = [...this.#entries, { ...unsigned, hash: hashOf(this.#subject, unsigned) }].slice(-KEPT);
    const lines = [
      JSON.stringify({ version: 1, subject: this.#subject }),
      ...entries.map((each) => JSON.stringify(each)),
    ];
    try {
      writeFileDurably(this.#path, `${lines.join("\n")}\n`, 0o600);
    } catch (cause) {
      throw new UnavailableError(`${this.#path} cannot be written (${errorCode(cause)})`, {
        cause,
        next: "see to the disk; what was delivered since the last checkpoint is delivered again",
      });
    }
    this.#entries = entries;
  }
}

const header = z.strictObject({ version: z.literal(1), subject: z.string() });

function readEntries<S>(path: string, subject: string, state: z.ZodType<S>): Entry[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new UnavailableError(`${path} cannot be read (${errorCode(cause)})`, { cause });
  }
  const [first = "", ...lines] = text.trimEnd().split("\n");
  const named = header.safeParse(parsed(first));
  if (!named.success) throw damaged(path, 1);
  if (named.data.subject !== subject)
    throw new CheckError(`${path} is of ${named.data.subject}, not of ${subject}`, {
      next: "give each watcher and each deployment a folder of its own",
    });
  const entries: Entry[] = [];
  for (const [index, line] of lines.entries()) {
    const read = entry.safeParse(parsed(line));
    const before = entries.at(-1);
    const holds =
      read.success &&
      read.data.hash === hashOf(subject, read.data) &&
      state.safeParse(read.data.state).success &&
      (before === undefined ||
        (read.data.previous === before.hash && read.data.sequence === before.sequence + 1));
    if (!holds) throw damaged(path, index + 2);
    entries.push(read.data);
  }
  if (entries.length === 0) throw damaged(path, 2);
  return entries;
}

function damaged(path: string, line: number): CheckError {
  return new CheckError(`${path}: line ${line} is damaged: how far was followed is not known`, {
    next: "restore it from a copy (what came since is told again), or remove it and set from_block to where to begin",
  });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function hashOf(subject: string, { sequence, time, previous, state }: Omit<Entry, "hash">): string {
  const content = canonicalText("checkpoint", { subject, sequence, time, previous, state: state as Json });
  return createHash("sha256").update(content).digest("hex");
}
