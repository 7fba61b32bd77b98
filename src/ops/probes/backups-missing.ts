import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { errorCode, UnavailableError } from "../../core/errors.ts";
import type { Probe } from "../alerts/finding.ts";
import { ageText, lookAt } from "./finding.ts";

/** A place that gets backups, and how old its newest may be. */
export interface WatchedBackups {
  readonly name: string;
  /** Milliseconds since 1970 of the newest whole backup; undefined when there is none. */
  newest(): Promise<number | undefined>;
  /** Seconds. */
  readonly max_age: number;
}

/** Age of the newest backup of each kind: the figure is seconds. None at all is a breach, too. */
export function backupsMissingProbe(kinds: readonly WatchedBackups[], now: () => number): Probe {
  return {
    name: "backups-missing",
    every: 600,
    look: () =>
      Promise.all(
        kinds.map(({ name, newest, max_age: limit }) =>
          lookAt(name, async () => {
            const made = await newest();
            if (made === undefined) return { breached: true, summary: `there is no backup of ${name}` };
            const age = Math.max(0, now() - made) / 1000;
            return {
              breached: age > limit,
              summary: `the newest backup of ${name} is ${ageText(age)} old; the limit is ${ageText(limit)}`,
              value: age,
              details: { newest: new Date(made).toISOString() },
            };
          }),
        ),
      ),
  };
}

/** When the newest file of a folder was last written that is not empty; hidden ones and those that end with .tmp are not whole. */
export async function newestFile(folder: string): Promise<number | undefined> {
  const names = await readdir(folder).catch((cause: unknown) => {
    if (errorCode(cause) === "ENOENT") return [];
    throw new UnavailableError(`${folder} cannot be read (${errorCode(cause)})`, { cause });
  });
  let newest: number | undefined;
  for (const name of names) {
    if (name.startsWith(".") || name.endsWith(".tmp")) continue;
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (found === undefined || !found.isFile() || found.size === 0) continue;
    newest = Math.max(newest ?? 0, found.mtimeMs);
  }
  return newest;
}
