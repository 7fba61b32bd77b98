import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { HARDHAT_CLI } from "../hardhat.ts";
import type { Ended, Run } from "./messages.ts";
import { OutputUntil } from "./output.ts";

const CHILD = join(import.meta.dirname, "child.ts");
const PATIENCE_MS = 5_000;

/** What a command left. */
export interface Finished {
  /** 1 for one that a signal ended. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** What the command reads; it then has a process of its own. Nothing otherwise. */
  readonly stdin?: string | undefined;
  /** Variables of this command besides those of all; nothing may read them before a command runs. */
  readonly env?: Readonly<Record<string, string>>;
  /** Output as it comes. */
  readonly onStdout?: (text: string) => void;
  readonly onStderr?: (text: string) => void;
  /** A process was started, to be stopped with whoever started it. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** Runs `npx hardhat ARGS` in a process of its own. */
export function runAlone(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  { stdin, onStdout, onStderr, onStart }: RunOptions = {},
): Promise<Finished> {
  const child = spawn(process.execPath, [HARDHAT_CLI, ...args], { env, stdio: ["pipe", "pipe", "pipe"] });
  onStart?.(child);
  // A command that does not read is not at fault.
  child.stdin.on("error", () => undefined).end(stdin ?? "");
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    onStdout?.(text);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    onStderr?.(text);
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ exitCode: code ?? 1, stdout, stderr }));
  });
}

/**
 * Runs Hardhat commands in one process that has Hardhat loaded, one at a time; what each prints and its exit code are those of a
 * process of its own. All are in one environment, but for the variables that a command brings.
 *
 * For commands that end: neither `node` nor `test`. A command that ends its process (a signal, an uncaught error) ends the
 * host, and the next command starts another. It does not keep this process alive, and ends with it.
 */
export class HardhatHost {
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;
  #busy = false;

  /** @param env Environment of every command, read once. */
  constructor(env: NodeJS.ProcessEnv) {
    this.#env = { ...env };
  }

  /** Runs a command line; while another one runs here, or with a standard input, in a process of its own. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
    if (this.#busy || options.stdin !== undefined)
      return runAlone(args, { ...this.#env, ...options.env }, options);
    this.#busy = true;
    try {
      const child = this.#start(options);
      hold(child, true);
      const finished = await runIn(child, args, options);
      if (isUp(child)) hold(child, false);
      return finished;
    } finally {
      this.#busy = false;
    }
  }

  /** Ends the process; a command that runs is ended after a while. */
  async close(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || !isUp(child)) return;
    hold(child, true);
    // Not "close": nobody reads its streams any more.
    const ended = once(child, "exit");
    child.disconnect();
    const impatience = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    await ended;
    clearTimeout(impatience);
    hold(child, false);
  }

  #start({ onStart }: RunOptions): ChildProcess {
    if (this.#child !== undefined && isUp(this.#child)) return this.#child;
    const child = spawn(process.execPath, [CHILD], {
      env: this.#env,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#child = child;
    onStart?.(child);
    return child;
  }
}

/** Waits for the mark on both streams and the exit code, or for the end of the process. */
function runIn(child: ChildProcess, args: readonly string[], options: RunOptions): Promise<Finished> {
  const mark = `\0${randomUUID()}\0`;
  const stdout = new OutputUntil(mark, (text) => options.onStdout?.(text));
  const stderr = new OutputUntil(mark, (text) => options.onStderr?.(text));
  return new Promise((resolve, reject) => {
    let exitCode: number | undefined;
    const finish = (): void => {
      if (exitCode === undefined || !stdout.ended || !stderr.ended) return;
      child.stdout?.off("data", onStdout);
      child.stderr?.off("data", onStderr);
      child.off("message", onMessage).off("close", onClose).off("error", reject);
      resolve({ exitCode, stdout: stdout.text, stderr: stderr.text });
    };
    const onStdout = (chunk: Buffer): void => {
      stdout.add(chunk);
      finish();
    };
    const onStderr = (chunk: Buffer): void => {
      stderr.add(chunk);
      finish();
    };
    const onMessage = (ended: Ended): void => {
      exitCode = ended.exitCode;
      finish();
    };
    const onClose = (code: number | null): void => {
      exitCode ??= code ?? 1;
      stdout.close();
      stderr.close();
      finish();
    };
    child.stdout?.on("data", onStdout);
    child.stderr?.on("data", onStderr);
    child.on("message", onMessage).on("close", onClose).once("error", reject);
    const run: Run = { args, env: options.env ?? {}, mark };
    // Were the channel gone, the process is about to close, too.
    child.send(run, () => undefined);
  });
}

function isUp(child: ChildProcess): boolean {
  return child.connected && child.exitCode === null && child.signalCode === null;
}

/** Whether the child keeps this process alive. */
function hold(child: ChildProcess, held: boolean): void {
  const streams = [child.stdout, child.stderr, child.channel, child] as ({
    ref(): void;
    unref(): void;
  } | null)[];
  for (const each of streams) {
    if (held) each?.ref();
    else each?.unref();
  }
}
