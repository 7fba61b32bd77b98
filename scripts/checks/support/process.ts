import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, mkdirSync, type WriteStream } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** The folder that holds package.json. */
export const ROOT = resolve(import.meta.dirname, "../../..");

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly gid?: number;
  /** Everything the command prints goes here too; the folder is made. */
  readonly logFile?: string;
  readonly timeoutSeconds?: number;
  readonly onText?: (text: string) => void;
}

export interface Ran {
  /** Exit code; 128 + n when ended by signal n, like a shell's `$?`; 127 when it could not start. */
  readonly code: number;
  /** stdout and stderr, in the order they came. */
  readonly output: string;
  readonly seconds: number;
  readonly timedOut: boolean;
  /** True when the command ended but processes of its group had to be killed. */
  readonly leftProcesses: boolean;
}

/** A command started in a process group of its own, so that all of it can be stopped by one id. */
export interface Started {
  readonly pid: number;
  readonly output: () => string;
  readonly ended: Promise<number>;
  /** SIGINT to the group, then SIGKILL after `graceSeconds`. Tells whether it had to be killed. */
  stop(graceSeconds?: number): Promise<boolean>;
}

const SIGNALS: Record<string, number> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };
const live = new Set<number>();

/** Environment in which the project's own binaries, its Node first, are found before the machine's. */
export function projectEnv(root: string = ROOT, base: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return { ...base, PATH: [join(root, "node_modules/.bin"), base.PATH ?? ""].join(delimiter) };
}

/** Runs a command to its end. Never throws for a failing command: look at `code`. */
export async function run(command: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const started = performance.now();
  const child = start(command, options);
  let timedOut = false;
  const timer = setTimeout(
    () => {
      timedOut = true;
      void child.stop(5);
    },
    (options.timeoutSeconds ?? 3600) * 1000,
  );
  const code = await child.ended;
  clearTimeout(timer);
  const leftProcesses = !timedOut && !(await groupGone(child.pid, 2)) && (await child.stop(0));
  return {
    code,
    output: child.output(),
    seconds: (performance.now() - started) / 1000,
    timedOut,
    leftProcesses,
  };
}

/** Starts a command in its own process group and returns at once. */
export function start(command: readonly string[], options: RunOptions = {}): Started {
  forwardSignals();
  const [file, ...args] = command;
  if (file === undefined) throw new TypeError("an empty command");
  const child = spawn(file, args, {
    cwd: options.cwd ?? ROOT,
    env: options.env ?? projectEnv(),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  });
  const pid = child.pid ?? 0;
  if (pid !== 0) live.add(pid);
  const { output, log } = capture(child, options);
  const ended = new Promise<number>((done) => {
    const end = (code: number): void => {
      live.delete(pid);
      log?.end();
      done(code);
    };
    child.once("error", () => end(127));
    child.once("exit", (code, signal) => {
      // "close" waits for everyone who holds the pipes, "exit" does not: a forgotten child must not hang us.
      setTimeout(() => end(code ?? 128 + (SIGNALS[signal ?? ""] ?? 0)), 50);
    });
  });
  return { pid, output, ended, stop: (graceSeconds = 10) => stopGroup(pid, graceSeconds) };
}

function capture(
  child: ChildProcess,
  options: RunOptions,
): { output: () => string; log: WriteStream | undefined } {
  let text = "";
  let log: WriteStream | undefined;
  if (options.logFile !== undefined) {
    mkdirSync(dirname(options.logFile), { recursive: true });
    log = createWriteStream(options.logFile, { flags: "a" });
  }
  const take = (chunk: string): void => {
    text += chunk;
    if (log?.writable) log.write(chunk);
    options.onText?.(chunk);
  };
  child.stdout?.setEncoding("utf8").on("data", take);
  child.stderr?.setEncoding("utf8").on("data", take);
  child.once("error", (error) => take(`${error.message}\n`));
  return { output: () => text, log };
}

async function stopGroup(pid: number, graceSeconds: number): Promise<boolean> {
  if (pid === 0 || !signalGroup(pid, "SIGINT")) return false;
  if (await groupGone(pid, graceSeconds)) return false;
  signalGroup(pid, "SIGKILL");
  await groupGone(pid, 5);
  return true;
}

async function groupGone(pid: number, seconds: number): Promise<boolean> {
  const until = performance.now() + seconds * 1000;
  while (pid !== 0 && signalGroup(pid, 0)) {
    if (performance.now() >= until) return false;
    await sleep(50);
  }
  return true;
}

/** Signals a process group by its leader's id; false when nobody is left in it. */
export function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}

let forwarding = false;

/** Groups of their own do not get the terminal's Ctrl-C, so it is passed on, and nothing outlives us. */
function forwardSignals(): void {
  if (forwarding) return;
  forwarding = true;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => {
      void Promise.all([...live].map((pid) => stopGroup(pid, 10))).finally(() => {
        process.exit(128 + (SIGNALS[signal] ?? 0));
      });
    });
  }
}
