import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeFileDurably } from "../../chain/files.ts";
import { CheckError } from "../../core/errors.ts";
import type { Acknowledgement, Alert } from "./alert.ts";

/** A delivery that was given up: a file of its own in the folder `dead-letters`, until it is tried again. */
export interface DeadLetter {
  readonly id: string;
  readonly sink: string;
  readonly alert: Alert;
  /** When it was about that. */
  readonly acknowledgement?: Acknowledgement;
  /** When it was first to be sent, and when it was given up; RFC 3339, UTC. */
  readonly queued: string;
  readonly died: string;
  readonly attempts: number;
  /** The last failure, without secrets. */
  readonly reason: string;
}

/** Name of a dead letter, and of its file without the ending: when it died, its place in the queue, its sink. */
export const letterId = (died: string, place: number, sink: string): string =>
  `${died.replaceAll(/[:.]/g, "-")}_${place}_${sink}`;

export const deadLetterFolder = (folder: string): string => join(folder, "dead-letters");

const ENDING = ".json";

/** Durable once it returns. */
export function writeDeadLetter(folder: string, letter: DeadLetter): void {
  writeFileDurably(pathOf(folder, letter.id), `${JSON.stringify(letter, undefined, 1)}\n`, 0o600);
}

/** All of them, the oldest first. @throws CheckError naming a file that is none. */
export function deadLetters(folder: string): DeadLetter[] {
  // Names begin with the time.
  return namesIn(folder).map((name) => readLetter(join(deadLetterFolder(folder), name)));
}

/** How many there are, by sink, without opening them. */
export function countDeadLetters(folder: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of namesIn(folder)) {
    const sink = name.slice(0, -ENDING.length).split("_").slice(2).join("_");
    counts.set(sink, (counts.get(sink) ?? 0) + 1);
  }
  return counts;
}

export function removeDeadLetter(folder: string, id: string): void {
  rmSync(pathOf(folder, id), { force: true });
}

function readLetter(path: string): DeadLetter {
  try {
    const letter = JSON.parse(readFileSync(path, "utf8")) as Partial<DeadLetter>;
    if (letter.id !== undefined && letter.sink !== undefined && letter.alert?.key !== undefined)
      return letter as DeadLetter;
  } catch {
    // Said below.
  }
  throw new CheckError(`${path}: expected a dead letter, got something else`, {
    next: "move it out of the folder",
  });
}

function namesIn(folder: string): string[] {
  const place = deadLetterFolder(folder);
  if (!existsSync(place)) return [];
  return readdirSync(place)
    .filter((name) => name.endsWith(ENDING))
    .sort();
}

const pathOf = (folder: string, id: string): string => join(deadLetterFolder(folder), `${id}${ENDING}`);
