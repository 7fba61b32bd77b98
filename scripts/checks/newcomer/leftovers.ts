import { globSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { MARKER } from "./machine.ts";

export interface Leftover {
  readonly pid: number;
  readonly command: string;
}

/** Processes that carry the mark in their environment, whatever group or parent they have by now. */
export function markedProcesses(mark: string): Leftover[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const environment = read(`/proc/${name}/environ`).split("\0");
      if (!environment.includes(`${MARKER}=${mark}`)) return [];
      return [{ pid: Number(name), command: read(`/proc/${name}/cmdline`).replaceAll("\0", " ").trim() }];
    })
    .filter((found) => found.command !== "");
}

/** Waits until no marked process is left; what still is after `seconds` is killed and returned. */
export async function endedWithin(mark: string, seconds: number): Promise<Leftover[]> {
  const until = performance.now() + seconds * 1000;
  let left = markedProcesses(mark);
  while (left.length > 0 && performance.now() < until) {
    await sleep(200);
    left = markedProcesses(mark);
  }
  for (const { pid } of left) kill(pid);
  return left;
}

/** Lock files and lock folders below a clone, relative to it. */
export function locksIn(clone: string): string[] {
  return globSync(["{build,deployments,cache,artifacts}/**/*.lock", "*.lock"], { cwd: clone }).sort();
}

export function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself in between.
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
