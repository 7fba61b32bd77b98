import { mkdirSync } from "node:fs";
import lockfile from "proper-lockfile";
import { RefusedError } from "../../src/core/errors.ts";
import { STORY } from "./context.ts";

const STALE_MS = 5_000;

/**
 * One story at a time: two would overwrite each other's files. The lock of a story that was killed goes stale
 * after a few seconds, which a new start waits for.
 */
export async function lockStory(): Promise<() => Promise<void>> {
  mkdirSync(STORY, { recursive: true });
  try {
    return await lockfile.lock(STORY, {
      stale: STALE_MS,
      update: STALE_MS / 3,
      retries: { retries: 7, factor: 1, minTimeout: 1_000, maxTimeout: 1_000 },
      onCompromised: (error) => console.error(`The story's lock was lost (${error.message}); going on.`),
    });
  } catch (cause) {
    throw new RefusedError("another story is running in this folder", {
      cause,
      next: "stop it with Ctrl-C, then npm start again",
    });
  }
}
