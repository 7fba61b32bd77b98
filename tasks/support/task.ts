import { createInterface } from "node:readline/promises";
import { isatty } from "node:tty";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { NewTaskActionFunction, TaskArguments } from "hardhat/types/tasks";
import { asCommand } from "../../src/chain/lifetime.ts";
import { EXIT, InputError, ProofXError } from "../../src/core/errors.ts";
import { stringifyJson } from "../../src/core/json.ts";

/** What a task leaves: data for `--json`, lines for a person. */
export interface TaskResult {
  readonly data: object;
  readonly lines: readonly string[];
  /** When the task worked and its answer is no, e.g. a proof recorded as failed. */
  readonly exitCode?: number;
}

/** How a task speaks while it runs; tests pass their own. */
export interface TaskIo {
  /** A line of progress; goes to standard error, so that standard output holds the result alone. */
  note(line: string): void;
  /** Asks a person; undefined where nobody can answer. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
}

export type ActionBody<A> = (args: A, hre: HardhatRuntimeEnvironment, io: TaskIo) => Promise<TaskResult>;

/** Wraps a task's function: prints its result, turns our errors into a message, a next step and an exit code. */
export function action<A extends TaskArguments>(
  body: ActionBody<A>,
): NewTaskActionFunction<A & { json: boolean }> {
  return async (args, hre) => {
    try {
      const result = await asCommand(() => body(args, hre, terminalIo()));
      console.log(args.json ? stringifyJson(result.data, 2) : result.lines.join("\n"));
      process.exitCode = result.exitCode ?? EXIT.ok;
    } catch (error) {
      if (!(error instanceof ProofXError)) throw error;
      if (args.json)
        console.log(stringifyJson({ error: error.name, message: error.message, next: error.next }, 2));
      console.error(`${error.name}: ${error.message}`);
      if (error.next !== undefined) console.error(`Next: ${error.next}`);
      process.exitCode = error.exitCode;
    }
  };
}

/** The value of an option the task cannot do without. */
export function required(name: string, value: string | undefined, what: string): string {
  if (value === undefined || value === "") throw InputError.expected(`--${name}`, what, undefined);
  return value;
}

function terminalIo(): TaskIo {
  const interactive = isatty(0) && isatty(2);
  return { note: (line) => console.error(line), ask: interactive ? askOnTerminal : undefined };
}

async function askOnTerminal(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}
