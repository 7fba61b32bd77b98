import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "../../scripts/checks/support/process.ts";
import { endWith } from "../../src/cli/output.ts";

const CLI = join(ROOT, "src/cli/main.ts");

export interface ProofxResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `proofx ARGS` to its end, as `npx proofx` does. */
export async function proofx(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<ProofxResult> {
  const child = start(args, env);
  const output = { stdout: "", stderr: "" };
  child.stdout?.on("data", (chunk) => (output.stdout += chunk));
  child.stderr?.on("data", (chunk) => (output.stderr += chunk));
  const code = await new Promise<number>((resolve) => child.on("close", (value) => resolve(value ?? -1)));
  return { code, ...output };
}

/** Runs a command's code within this process, with the environment it names, and collects what it prints and its exit code. */
export async function inProcess(
  run: () => Promise<unknown>,
  env: NodeJS.ProcessEnv = {},
): Promise<ProofxResult> {
  const before = Object.fromEntries(Object.keys(env).map((name) => [name, process.env[name]]));
  const { log, error } = console;
  const output = { stdout: "", stderr: "" };
  const code = process.exitCode;
  process.exitCode = 0;
  setEnvironment(env);
  console.log = (text: string) => (output.stdout += `${text}\n`);
  console.error = (text: string) => (output.stderr += `${text}\n`);
  try {
    await run().catch((thrown: unknown) => endWith(thrown, false));
    return { code: Number(process.exitCode), ...output };
  } finally {
    Object.assign(console, { log, error });
    setEnvironment(before);
    process.exitCode = code;
  }
}

function setEnvironment(env: NodeJS.ProcessEnv): void {
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}

/** A service started by `proofx`, up once `url` is known. */
export interface ProofxService {
  readonly url: string;
  readonly process: ChildProcess;
  /** All it wrote to standard error so far. */
  log(): string;
  /** Sends a signal and waits for the end; its exit code, or the signal's name. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

/** Starts a service by its command and waits for the line that says where it listens. */
export async function startProofx(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<ProofxService> {
  const child = start(args, env);
  let log = "";
  const ended = new Promise<number | NodeJS.Signals>((resolve) =>
    child.on("close", (code, signal) => resolve(code ?? signal ?? -1)),
  );
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      log += chunk;
      const found = /listening on (http:\S+)/.exec(log)?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    void ended.then((code) => reject(new Error(`proofx ${args.join(" ")} ended with ${code}:\n${log}`)));
  });
  return {
    url,
    process: child,
    log: () => log,
    end: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
}

function start(args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  return spawn(process.execPath, [CLI, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
}
