import type { TaskDefinition } from "hardhat/types/tasks";
import { aleoTasks } from "./aleo/index.ts";
import { apikeyTasks } from "./apikey/index.ts";
import { attestationTasks } from "./attestation/index.ts";
import { auditTasks } from "./audit/index.ts";
import { batchTasks } from "./batch/index.ts";
import { ceremonyTasks } from "./ceremony/index.ts";
import { circuitVersionTasks } from "./circuit-version/index.ts";
import { deployTasks } from "./deploy/index.ts";
import { distrustTasks } from "./distrust/index.ts";
import { eventTasks } from "./event/index.ts";
import { factsTasks } from "./facts/index.ts";
import { guardianTasks } from "./guardian/index.ts";
import { incidentTasks } from "./incident/index.ts";
import { jwtkeyTasks } from "./jwtkey/index.ts";
import { keysTasks } from "./keys/index.ts";
import { logTasks } from "./log/index.ts";
import { pauseTasks } from "./pause/index.ts";
import { policyTasks } from "./policy/index.ts";
import { rolesTasks } from "./roles/index.ts";
import { streamTasks } from "./stream/index.ts";
import { tenantTasks } from "./tenant/index.ts";
import { upgradeTasks } from "./upgrade/index.ts";

/** Every task of the project; each area exports its own list, nothing is loaded by folder. */
export const tasks: TaskDefinition[] = [
  ...auditTasks,
  ...keysTasks,
  ...ceremonyTasks,
  ...deployTasks,
  ...streamTasks,
  ...policyTasks,
  ...factsTasks,
  ...eventTasks,
  ...batchTasks,
  ...logTasks,
  ...tenantTasks,
  ...apikeyTasks,
  ...jwtkeyTasks,
  ...attestationTasks,
  ...incidentTasks,
  ...rolesTasks,
  ...pauseTasks,
  ...guardianTasks,
  ...circuitVersionTasks,
  ...distrustTasks,
  ...upgradeTasks,
  ...aleoTasks,
];
