import { AsyncLocalStorage } from "node:async_hooks";

const command = new AsyncLocalStorage<Map<object, unknown>>();
const wholeProcess = new Map<object, unknown>();

/**
 * Runs one command. What {@link onceACommand} makes within it is this command's alone, so that several commands run in one
 * process as each would in its own; a command within a command shares it.
 */
export function asCommand<T>(work: () => Promise<T>): Promise<T> {
  return command.getStore() === undefined ? command.run(new Map(), work) : work();
}

/** What is made at its first use and kept until the command ends; outside of commands, e.g. in a service, the process. */
export function onceACommand<T>(make: () => T): () => T {
  const name = {};
  return () => {
    const kept = command.getStore() ?? wholeProcess;
    if (!kept.has(name)) kept.set(name, make());
    return kept.get(name) as T;
  };
}
