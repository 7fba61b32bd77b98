import {
  closeSync,
  createWriteStream,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { cp, rename } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { takeProcessLock } from "../../chain/process-lock.ts";
import { errorCode, RefusedError } from "../../core/errors.ts";
import { syncFolder } from "../../keys/files.ts";
import { type ReadBackup, readBackup } from "./read.ts";
import type { Openers } from "./seal.ts";
import type { Trust } from "./signature.ts";

/**
 * Unpacks a backup into a folder of its own, which appears when all of it was read and is right. Files come with the permissions that
 * they had.
 * What a killed run left beside it is removed: it is in clear.
 *
 * @param into Not there yet, or empty.
 * @throws RefusedError when something is there, or nobody who is trusted signed it; CheckError for a backup that is damaged or does not open: then nothing is there.
 */
export async function unpackBackup(
  file: string,
  into: string,
  openers: Openers,
  trust: Trust,
): Promise<ReadBackup> {
  const target = resolve(into);
  removeLeftovers(dirname(target));
  if (existsSync(target) && readdirSync(target).length > 0)
    throw new RefusedError(`${into} is not empty, and nothing is written over`, {
      next: "name a new folder with --into",
    });
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  const staging = join(dirname(target), `.${basename(target)}${UNPACKING}`);
  const unlock = takeProcessLock(lockOf(staging));
  if (unlock === undefined)
    throw new RefusedError(`another backup is being unpacked to ${into}`, { next: "wait for it" });
  try {
    mkdirSync(staging, { mode: 0o700 });
    const read = await readBackup(file, openers, trust, async ({ path, mode, body }) => {
      const place = join(staging, path);
      mkdirSync(dirname(place), { recursive: true, mode: 0o700 });
      const iterable = { [Symbol.asyncIterator]: () => body[Symbol.asyncIterator]() };
      await pipeline(
        Readable.from(iterable, { objectMode: false }),
        createWriteStream(place, { flags: "wx", mode, flush: true }),
      );
    });
    await rename(staging, target);
    await syncFolder(dirname(target));
    return read;
  } finally {
    release(staging, unlock);
  }
}

/** Ending of the folder in which a backup is until all of it was read. */
const UNPACKING = ".unpacking";
/** Held by whoever unpacks there. */
const lockOf = (staging: string): string => `${staging}.lock`;

/** What runs that were killed left in a folder; of one that is under way nothing is touched. */
function removeLeftovers(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(".") || !name.endsWith(UNPACKING)) continue;
    const staging = join(folder, name);
    const unlock = takeProcessLock(lockOf(staging));
    if (unlock !== undefined) release(staging, unlock);
  }
}

function release(staging: string, unlock: () => void): void {
  rmSync(staging, { recursive: true, force: true });
  rmSync(lockOf(staging), { force: true });
  unlock();
}

/**
 * Moves what was unpacked to where it belongs.
 *
 * @returns false when the same is there already: nothing is moved.
 * @throws RefusedError when something else is there.
 */
export async function putInPlace(from: string, place: string): Promise<boolean> {
  if (isSame(from, place)) return false;
  requireFree(place);
  const target = resolve(place);
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  rmSync(target, { recursive: true, force: true });
  await rename(from, target).catch(async (error: unknown) => {
    if (errorCode(error) !== "EXDEV") throw error;
    // Another file system: a copy beside, so that the place has all of it or nothing.
    const beside = `${target}.restoring`;
    rmSync(beside, { recursive: true, force: true });
    await cp(from, beside, { recursive: true, preserveTimestamps: true });
    syncAll(beside);
    await rename(beside, target);
    await syncFolder(dirname(target));
    // Only now: until the copy is on the disk a power cut would leave neither.
    rmSync(from, { recursive: true, force: true });
  });
  await syncFolder(dirname(target));
  return true;
}

/** Puts a file, or a folder with all that is in it, on the disk. */
function syncAll(place: string): void {
  const stats = lstatSync(place);
  if (stats.isDirectory()) for (const name of readdirSync(place)) syncAll(join(place, name));
  else if (!stats.isFile()) return;
  const file = openSync(place, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** @throws RefusedError when a place that something is to be put is taken by something else. */
export function requirePlace(from: string, place: string): void {
  if (!isSame(from, place)) requireFree(place);
}

/** @throws RefusedError when something is there. */
export function requireFree(place: string): void {
  const stats = lstatSync(place, { throwIfNoEntry: false });
  if (stats === undefined || (stats.isDirectory() && readdirSync(place).length === 0)) return;
  throw new RefusedError(`${place} is there already, is another, and nothing is written over`, {
    next: "move it away; or name with --only the parts that are to be put in place",
  });
}

/** Whether a place holds the same files with the same contents. */
function isSame(from: string, place: string): boolean {
  if (!existsSync(place)) return false;
  const [a, b] = [contentsOf(from), contentsOf(place)];
  return a.size === b.size && [...a].every(([name, file]) => equalFiles(file, b.get(name)));
}

const equalFiles = (a: string, b: string | undefined): boolean =>
  b !== undefined && statSync(a).size === statSync(b).size && readFileSync(a).equals(readFileSync(b));

/** The files at a place by their names relative to it; temporary ones are no part of a backup. */
function contentsOf(place: string): Map<string, string> {
  if (!statSync(place).isDirectory()) return new Map([["", place]]);
  return new Map(
    readdirSync(place, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory() && !entry.name.endsWith(".tmp"))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [relative(place, file), file]),
  );
}
