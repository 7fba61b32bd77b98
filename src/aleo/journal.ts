import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { errorCode, UnavailableError } from "../core/errors.ts";
import type { Waited } from "./figures.ts";

const line = z.strictObject({
  id: z.string(),
  program: z.string(),
  function: z.string(),
  /** Seconds since 1970 when it was sent. */
  time: z.number(),
  /** From sending to seeing its block. */
  milliseconds: z.number(),
  accepted: z.boolean(),
  height: z.int(),
});

/** A transaction that this machine sent and saw in a block. */
export type Submission = z.output<typeof line>;

const pathOf = (folder: string, network: string) => join(folder, `submissions-${network}.jsonl`);

/** Adds a line; once this returns it survives a crash. @param network Names the file: `testnet`. */
export function noteSubmission(folder: string, network: string, submission: Submission): void {
  mkdirSync(folder, { recursive: true });
  const file = openSync(pathOf(folder, network), "a", 0o600);
  try {
    writeSync(file, `${JSON.stringify(line.parse(submission))}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/**
 * The submissions of this machine, oldest first; none when it sent nothing. A line that a crash cut off is left out: it is
 * a measurement less, and nothing rests on it.
 *
 * @throws UnavailableError when the file is there and cannot be read.
 */
export function readSubmissions(folder: string, network: string): Submission[] {
  let text: string;
  try {
    text = readFileSync(pathOf(folder, network), "utf8");
  } catch (cause) {
    if (errorCode(cause) === "ENOENT") return [];
    throw new UnavailableError(`${pathOf(folder, network)} cannot be read (${errorCode(cause)})`, { cause });
  }
  return text.split("\n").flatMap((each) => {
    const read = line.safeParse(parsed(each));
    return read.success ? [read.data] : [];
  });
}

/** How long submissions took, as the figures want it. */
export function waitsOf(submissions: readonly Submission[]): Waited[] {
  return submissions.map(({ time, milliseconds }) => ({ time, milliseconds }));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
