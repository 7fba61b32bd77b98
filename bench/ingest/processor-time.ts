import { readdirSync, readFileSync } from "node:fs";

/** Ticks a second in /proc, as Linux has it on every machine it runs on. */
const TICKS = 100;

/**
 * Processor seconds, user and system, that processes have used so far, with all their descendants that live and those of the
 * ended that were waited for. Linux only.
 *
 * @param roots Process ids; a process that is gone counts nothing.
 */
export function processorSeconds(roots: readonly number[]): number {
  const all = new Map<number, Times>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const times = timesOf(Number(entry));
    if (times !== undefined) all.set(Number(entry), times);
  }
  const counted = new Set<number>();
  const count = (pid: number): number => {
    const times = all.get(pid);
    if (times === undefined || counted.has(pid)) return 0;
    counted.add(pid);
    const children = [...all].filter(([, { parent }]) => parent === pid);
    return children.reduce((sum, [child]) => sum + count(child), times.ticks);
  };
  return roots.reduce((sum, pid) => sum + count(pid), 0) / TICKS;
}

interface Times {
  readonly parent: number;
  readonly ticks: number;
}

/** Fields 4 and 14 to 17 of proc_pid_stat(5): parent; time of the process and of children it waited for. */
function timesOf(pid: number): Times | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const [, parent = 0] = fields;
    const ticks = fields.slice(11, 15).reduce((sum, each) => sum + each, 0);
    return { parent, ticks };
  } catch {
    return undefined;
  }
}
