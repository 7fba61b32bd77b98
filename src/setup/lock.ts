import { closeSync, openSync, rmSync, statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { takeProcessLock } from "../chain/process-lock.ts";
import { UnavailableError } from "../core/errors.ts";

const RETRY_MS = 250;
const PATIENCE_MS = 600_000;

/**
 * Runs while no other run holds the same path; waits up to ten minutes for another, and tells that it waits. The lock is the
 * system's: it is gone with its process, and no process loses it by being busy.
 *
 * @throws UnavailableError when the other run does not end.
 */
export async function withLock<T>(path: string, onWait: () => void, run: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const release = await take(`${path}.turn`, onWait);
  try {
    return await run();
  } finally {
    release();
  }
}

async function take(file: string, onWait: () => void): Promise<() => void> {
  const until = performance.now() + PATIENCE_MS;
  for (let told = false; ; told = true) {
    const release = takeOnce(file);
    if (release !== undefined) return release;
    if (performance.now() > until) {
      throw new UnavailableError(`another run holds ${file}`, { next: "wait for it to end, or end it" });
    }
    if (!told) onWait();
    await sleep(RETRY_MS);
  }
}

/** The lock's file is removed when it is released: whoever got hold of a file that is not there any more has no lock. */
function takeOnce(file: string): (() => void) | undefined {
  closeSync(openSync(file, "a"));
  const wanted = inodeOf(file);
  const release = takeProcessLock(file);
  if (release === undefined) return undefined;
  if (wanted === undefined || inodeOf(file) !== wanted) {
    release();
    return undefined;
  }
  return () => {
    rmSync(file, { force: true });
    release();
  };
}

function inodeOf(file: string): bigint | undefined {
  return statSync(file, { bigint: true, throwIfNoEntry: false })?.ino;
}
