/**
 * The process in which an operator's commands of one test file run: Hardhat reads its configuration and Aleo's code is
 * compiled once, and not again for each command. What is typed goes through Hardhat's own parser.
 */
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import hre from "hardhat";
import type { Task } from "hardhat/types/tasks";
import { HARDHAT_CLI } from "../../../scripts/hardhat.ts";

interface Parser {
  parseTask(words: string[], used: boolean[], tasks: Map<string, Task>): Task | string[];
  parseTaskArguments(words: string[], used: boolean[], task: Task): Record<string, unknown>;
}

const parser: Parser = await import(pathToFileURL(join(dirname(HARDHAT_CLI), "internal/cli/parser.js")).href);

let stdout = "";
let stderr = "";
console.log = (text: string) => {
  stdout += `${text}\n`;
};
console.error = (text: string) => {
  stderr += `${text}\n`;
};

process.on("message", async (words: string[]) => {
  [stdout, stderr, process.exitCode] = ["", "", 0];
  try {
    const used = words.map(() => false);
    const task = parser.parseTask(words, used, hre.tasks.rootTasks as Map<string, Task>);
    if (Array.isArray(task)) throw new Error(`there is no task ${words.join(" ")}`);
    await task.run(parser.parseTaskArguments(words, used, task));
  } catch (error) {
    stderr += `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`;
    process.exitCode = 1;
  }
  process.send?.({ code: Number(process.exitCode ?? 0), stdout, stderr });
});

process.send?.("ready");
