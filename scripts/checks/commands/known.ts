import { globSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { ROOT } from "../support/process.ts";

/** A command of ours: its words after the program (`roles grant`), and what it may be given. */
export interface KnownCommand {
  /** Without dashes. */
  readonly options: ReadonlySet<string>;
  /** Whether more words may follow. */
  readonly takesWords: boolean;
  /** Whether it is but the beginning of others. */
  readonly group: boolean;
}

/** All commands of both programs by their line, e.g. `hardhat roles grant`, `proofx log backup`. */
export type KnownCommands = ReadonlyMap<string, KnownCommand>;

/** Reads them from where they are declared; nothing is run, and nothing is asked of a network. */
export async function knownCommands(): Promise<KnownCommands> {
  return new Map([...(await hardhatCommands()), ...(await proofxCommands())]);
}

/** What this takes of Hardhat's task. */
interface Task {
  readonly isEmpty: boolean;
  readonly options: ReadonlyMap<string, unknown>;
  readonly positionalArguments: readonly unknown[];
  readonly subtasks: ReadonlyMap<string, Task>;
}

async function hardhatCommands(): Promise<[string, KnownCommand][]> {
  const { default: hre } = (await import("hardhat")) as unknown as {
    default: { tasks: { rootTasks: ReadonlyMap<string, Task> }; globalOptions: object };
  };
  const everywhere = Object.keys(hre.globalOptions);
  const found: [string, KnownCommand][] = [];
  const add = (words: string, tasks: ReadonlyMap<string, Task>): void => {
    for (const [name, task] of tasks) {
      const options = new Set([...task.options.keys(), ...everywhere].map(dashed));
      const takesWords = task.positionalArguments.length > 0;
      found.push([`${words} ${name}`, { options, takesWords, group: task.isEmpty }]);
      add(`${words} ${name}`, task.subtasks);
    }
  };
  found.push(["hardhat", { options: new Set(everywhere.map(dashed)), takesWords: false, group: true }]);
  add("hardhat", hre.tasks.rootTasks);
  return found;
}

/** `newKey` -> `new-key`, as Hardhat's parser takes it. */
function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

async function proofxCommands(): Promise<[string, KnownCommand][]> {
  const root = new Command("proofx");
  for (const file of globSync("src/cli/commands/*.ts", { cwd: ROOT }).sort()) {
    const family = (await import(join(ROOT, file))) as Record<string, unknown>;
    for (const [name, add] of Object.entries(family)) {
      if (/^add[A-Z]/.test(name) && typeof add === "function") add(root);
    }
  }
  const found: [string, KnownCommand][] = [];
  const walk = (words: string, command: Command, above: readonly string[]): void => {
    const options = new Set([...above, ...ownOptions(command), "help"]);
    const usual = usualOf(command);
    for (const each of usual === undefined ? [] : ownOptions(usual)) options.add(each);
    const takesWords = (usual ?? command).registeredArguments.length > 0;
    found.push([words, { options, takesWords, group: command.commands.length > 0 }]);
    for (const each of command.commands) walk(`${words} ${each.name()}`, each, [...options]);
  };
  found.push(["proofx", { options: new Set(["help", "version"]), takesWords: false, group: true }]);
  for (const each of root.commands) walk(`proofx ${each.name()}`, each, []);
  return found;
}

const ownOptions = (command: Command): string[] =>
  command.options.flatMap(({ long }) => (long == null ? [] : [long.slice(2)]));

/** What a group does when none of its commands is named; Commander keeps its name and tells nobody. */
function usualOf(command: Command): Command | undefined {
  const { _defaultCommandName: name } = command as unknown as { _defaultCommandName: string | null };
  return command.commands.find((each) => each.name() === name);
}
