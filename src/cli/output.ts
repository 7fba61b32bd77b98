import { CommanderError } from "commander";
import { EXIT, ProofXError } from "../core/errors.ts";
import { stringifyJson } from "../core/json.ts";

/** What a command leaves: data for `--json`, lines for a person. */
export interface CommandResult {
  readonly data: object;
  readonly lines: readonly string[];
  /** When the command worked and its answer is no. */
  readonly exitCode?: number;
}

/** Prints a command's result to standard output and sets the exit code. */
export function print(result: CommandResult, json: boolean | undefined): void {
  console.log(json === true ? stringifyJson(result.data, 2) : result.lines.join("\n"));
  process.exitCode = result.exitCode ?? EXIT.ok;
}

/** Progress, to standard error, so that standard output holds the result alone. */
export const note = (line: string): void => console.error(line);

/** Turns an error into a message, a next step and an exit code; a defect keeps its stack. */
export function endWith(error: unknown, json: boolean): void {
  if (error instanceof CommanderError) {
    // Commander has said it; help and version are no errors.
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.badInput;
    return;
  }
  if (!(error instanceof ProofXError)) throw error;
  if (json) console.log(stringifyJson({ error: error.name, message: error.message, next: error.next }, 2));
  console.error(`${error.name}: ${error.message}`);
  if (error.next !== undefined) console.error(`Next: ${error.next}`);
  process.exitCode = error.exitCode;
}
