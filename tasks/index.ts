import type { TaskDefinition } from "hardhat/types/tasks";

/** Every task of the project; each area exports its own list, nothing is loaded by folder. */
export const tasks: TaskDefinition[] = [];
