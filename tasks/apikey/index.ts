import { option, proofxTask, taskGroup } from "../support/declare.ts";

/** The embedded database is open in one process: stop the sequencer for these, or use PostgreSQL. */
export const apikeyTasks = [
  taskGroup("apikey", "API keys of the log's tenants (docs/access.md)"),
  proofxTask(["apikey", "create"], "Make an API key; its secret is written once and kept nowhere else")
    .addOption(option("tenant", "Required. The tenant's UUID"))
    .addOption(option("role", "Required. agent, reader, admin or anchor"))
    .addOption(option("out", "A new file with mode 0600 for the key; must not exist"))
    .addFlag({
      name: "stdout",
      description: "Print the key, for a pipe; nothing else goes to standard output",
    })
    .addOption(option("agent", "UUID of the only agent whose events it may send"))
    .addOption(option("name", "What people know it by (default: its role)"))
    .addOption(option("environment", "1 to 10 of a-z 0-9, to be seen in the key itself (default: live)"))
    .setAction(() => import("./create.ts"))
    .build(),
  proofxTask(["apikey", "list"], "List API keys by their prefixes; no secret is known to the log")
    .addOption(option("tenant", "A tenant's UUID: its keys alone"))
    .setAction(() => import("./list.ts"))
    .build(),
  proofxTask(["apikey", "revoke"], "Revoke an API key for good; a repeat changes nothing")
    .addOption(option("prefix", "Required. What the key begins with, e.g. px_live_0123456789ab"))
    .setAction(() => import("./revoke.ts"))
    .build(),
];
