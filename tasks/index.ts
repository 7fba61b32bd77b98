import type { TaskDefinition } from "hardhat/types/tasks";
import { attestationTasks } from "./attestation/index.ts";
import { batchTasks } from "./batch/index.ts";
import { ceremonyTasks } from "./ceremony/index.ts";
import { deployTasks } from "./deploy/index.ts";
import { eventTasks } from "./event/index.ts";
import { factsTasks } from "./facts/index.ts";
import { incidentTasks } from "./incident/index.ts";
import { keysTasks } from "./keys/index.ts";
import { policyTasks } from "./policy/index.ts";
import { streamTasks } from "./stream/index.ts";

/** Every task of the project; each area exports its own list, nothing is loaded by folder. */
export const tasks: TaskDefinition[] = [
  ...keysTasks,
  ...ceremonyTasks,
  ...deployTasks,
  ...streamTasks,
  ...policyTasks,
  ...factsTasks,
  ...eventTasks,
  ...batchTasks,
  ...attestationTasks,
  ...incidentTasks,
];
