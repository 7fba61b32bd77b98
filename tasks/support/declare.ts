import { emptyTask, task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import type { EmptyTaskDefinition } from "hardhat/types/tasks";

// Loaded with the configuration by every command: nothing heavy may be imported here.

/** Starts the declaration of a task; every task has `--json`. */
export function proofxTask(id: string | string[], description: string) {
  return task(id, description).addFlag({ name: "json", description: "Print the result as JSON" });
}

/** A group of tasks that does nothing by itself. */
export function taskGroup(id: string | string[], description: string): EmptyTaskDefinition {
  return emptyTask(id, description).build();
}

/** An option without a default: undefined when it was not given. */
export function option<N extends string>(name: N, description: string) {
  return { name, description, type: ArgumentType.STRING_WITHOUT_DEFAULT, defaultValue: undefined } as const;
}

/** Options of every task that changes the chain; what they mean is in `act.ts`. */
export const ACT = {
  key: option("key", "Name of the keystore key that sends the call"),
  from: option("from", "With --out or --dry-run: the account that will send the call (default: the admin)"),
  out: option(
    "out",
    "Write unsigned calldata to this file instead, and a Safe Transaction Builder file beside it",
  ),
  confirm: option("confirm", "Name of the public network, to confirm without being asked"),
  dryRun: { name: "dryRun", description: "Show the decoded call and run it on the node without sending it" },
} as const;

/**
 * Starts the declaration of a task that changes a deployment: it shows what it is about to alter, tries it on a fork,
 * writes it unsigned, or sends it and checks the chain afterwards (`carry-out.ts`).
 */
export function changeTask(id: string | string[], description: string) {
  return proofxTask(id, description)
    .addOption(ACT.key)
    .addOption({
      ...ACT.from,
      description: "With --out or --dry-run: the account that will send it (default: whoever may)",
    })
    .addOption(ACT.out)
    .addOption(ACT.confirm)
    .addFlag({
      ...ACT.dryRun,
      description: "Carry it out on a fork of the network in this process, check it there, send nothing",
    });
}

/** As {@link changeTask}, for what only the timelock may do. */
export function timelockTask(id: string | string[], description: string) {
  return changeTask(id, description)
    .addOption(option("delay", "Seconds to wait (default: the timelock's shortest)"))
    .addFlag({ name: "wait", description: "Wait until the delay is over, and execute" });
}
