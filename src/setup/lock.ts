import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { lock } from "proper-lockfile";
import { UnavailableError } from "../core/errors.ts";

/** A lock whose holder was killed is taken over after this; snarkjs never blocks the process as long. */
const STALE_MS = 20_000;
const RETRY_MS = 1_000;
const RETRIES = 600;

/** The lock was lost, e.g. because the machine slept and another run took it over. */
export interface Held {
  /** @throws UnavailableError once the lock is lost: stop before writing what another run writes too. */
  check(): void;
}

/**
 * Runs while holding `<path>.lock`; waits up to ten minutes for another run, and tells that it waits.
 *
 * @throws UnavailableError when the other run does not end.
 */
export async function withLock<T>(
  path: string,
  onWait: () => void,
  run: (held: Held) => Promise<T>,
): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  let lost: Error | undefined;
  const options = {
    realpath: false,
    stale: STALE_MS,
    onCompromised: (error: Error) => {
      lost = error;
    },
  };
  const unlock = await lock(path, options)
    .catch(async () => {
      onWait();
      const retries = { retries: RETRIES, factor: 1, minTimeout: RETRY_MS, maxTimeout: RETRY_MS };
      return await lock(path, { ...options, retries });
    })
    .catch((cause: unknown) => {
      throw new UnavailableError(`another run holds ${path}.lock`, {
        cause,
        next: "wait for it to end, or remove the lock if no run is going on",
      });
    });
  const held: Held = {
    check() {
      if (lost !== undefined) throw new UnavailableError(`the lock ${path}.lock was lost`, { cause: lost });
    },
  };
  try {
    return await run(held);
  } finally {
    if (lost === undefined) await unlock();
  }
}
