import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync } from "node:fs";
import { CheckError } from "../../src/core/errors.ts";
import { HostPool } from "../hardhat-host/pool.ts";
import { PATHS, type RanCommand } from "./context.ts";

const PROOFX_CLI = "src/cli/main.ts";

export const running = new Set<ChildProcess>();

/** Environment of every command of the story: paths only, no secrets. */
export const STORY_ENVIRONMENT = {
  PROOFX_KEYS: PATHS.keys,
  PROOFX_PASSPHRASE_FILE: PATHS.passphrase,
  PROOFX_DEPLOYMENTS: PATHS.deployments,
  PROOFX_CONFIG: PATHS.services,
} as const;

/** What a command of the story finds in its environment. */
export function commandEnvironment(): NodeJS.ProcessEnv {
  // Another database than the story's own is never touched.
  const { DATABASE_URL: _, ...outside } = process.env;
  return {
    ...outside,
    ...STORY_ENVIRONMENT,
    HARDHAT_DISABLE_TELEMETRY_PROMPT: "true",
    // Dozens of commands load the same code; compiled once, each starts sooner.
    NODE_COMPILE_CACHE: PATHS.compiled,
  };
}

/** Options as a shell would be given them; values with anything unusual are quoted. */
function commandLine(words: readonly string[], options: Readonly<Record<string, string | true>>): string[] {
  return [
    ...words,
    ...Object.entries(options).flatMap(([name, value]) =>
      value === true ? [`--${name}`] : [`--${name}`, value],
    ),
  ];
}

/** As many as the processors that the story is promised on. */
const HOSTS = 2;
let hosts: HostPool | undefined;

/** Ends the processes that have Hardhat loaded. They know one chain, so a story that begins starts new ones. */
export async function closeHosts(): Promise<void> {
  const closing = hosts;
  hosts = undefined;
  await closing?.close();
}

/** Runs `npx hardhat …` with the story's environment and logs its output, in a process that has Hardhat loaded. */
async function runHardhat(
  args: readonly string[],
  logFile: string,
  onProgress?: (line: string) => void,
): Promise<RanCommand> {
  const line = beginLog("hardhat", args, logFile);
  hosts ??= new HostPool(commandEnvironment(), HOSTS);
  const { exitCode, stdout, stderr } = await hosts.run(args, {
    onStdout: (text) => appendFileSync(logFile, text),
    onStderr: (text) => {
      appendFileSync(logFile, text);
      for (const line of text.split("\n")) if (line !== "") onProgress?.(line);
    },
    onStart: (child) => {
      running.add(child);
      child.once("close", () => running.delete(child));
    },
  });
  return { line, exitCode, output: stdout, errors: stderr };
}

/** Runs `npx proofx …` with the story's environment and logs its output. */
async function runProofxCommand(args: readonly string[], logFile: string): Promise<RanCommand> {
  const line = beginLog("proofx", args, logFile);
  const child = spawn(process.execPath, [PROOFX_CLI, ...args], {
    env: commandEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
    appendFileSync(logFile, chunk);
  });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
    appendFileSync(logFile, chunk);
  });
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  }).finally(() => running.delete(child));
  return { line, exitCode, output, errors };
}

/** The command as an operator types it, at the head of its output. */
function beginLog(program: "hardhat" | "proofx", args: readonly string[], logFile: string): string {
  const line = [`npx ${program}`, ...args.map(quote)].join(" ");
  appendFileSync(logFile, `$ ${line}\n`);
  return line;
}

/** Runs a task with `--json` and returns what it printed; any other exit code than `expected` is an error. */
export async function runTask(
  words: readonly string[],
  options: Readonly<Record<string, string | true>>,
  expected: number,
  logFile: string,
  onProgress?: (line: string) => void,
): Promise<{ command: RanCommand; json: unknown }> {
  const args = [...commandLine(words, options), "--json"];
  const command = await runHardhat(args, logFile, onProgress);
  if (command.exitCode !== expected) throw unexpectedExit(command, expected);
  return { command, json: JSON.parse(command.output) };
}

/** Runs a command that prints for people only; any exit code but 0 is an error. */
export async function runPlain(args: readonly string[], logFile: string): Promise<RanCommand> {
  const command = await runHardhat(args, logFile);
  if (command.exitCode !== 0) throw unexpectedExit(command, 0);
  return command;
}

/** Runs a command of `npx proofx` with `--json` and returns what it printed. */
export async function runProofx(
  words: readonly string[],
  expected: number,
  logFile: string,
): Promise<{ command: RanCommand; json: unknown }> {
  const command = await runProofxCommand([...words, "--json"], logFile);
  if (command.exitCode !== expected) throw unexpectedExit(command, expected);
  return { command, json: JSON.parse(command.output) };
}

/** Says what the command itself said last: the reason and what to do next, or, of an error nobody expected, where it came from. */
function unexpectedExit({ line, exitCode, errors, output }: RanCommand, expected: number): CheckError {
  const said = (errors.trim() || output.trim()).split("\n");
  const last = said.slice(said.at(-1)?.startsWith("Next: ") ? -3 : -25).join("\n  ");
  return new CheckError(`${line}: expected exit code ${expected}, got ${exitCode}\n  ${last}`);
}

const PATIENCE_MS = 5_000;

/** Ends what is still running when the story is interrupted, and returns when it has ended. */
export async function stopCommands(): Promise<void> {
  await Promise.all([...running].map(stopCommand));
}

/** Asks a process to end, and insists after a while. */
export async function stopCommand(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const impatience = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  await ended;
  clearTimeout(impatience);
}

export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
