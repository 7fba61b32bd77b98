import { option, proofxTask, taskGroup } from "../support/declare.ts";

/** The embedded database is open in one process: stop the sequencer for these, or use PostgreSQL. */
export const tenantTasks = [
  taskGroup("tenant", "Tenants of the log (docs/access.md)"),
  proofxTask(["tenant", "create"], "Make a tenant and print its id; with --tenant a repeat changes nothing")
    .addOption(option("name", "Required. A name for people"))
    .addOption(option("tenant", "Its UUID (default: a new random one)"))
    .setAction(() => import("./create.ts"))
    .build(),
];
