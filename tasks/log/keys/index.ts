import { option, proofxTask, taskGroup } from "../../support/declare.ts";

/** Keys at rest (docs/at-rest.md). The embedded database is open in one process: stop the sequencer for these, or use PostgreSQL. */
export const logKeysTasks = [
  taskGroup(["log", "keys"], "The keys that payloads are kept under: master, tenants', agents'"),
  proofxTask(
    ["log", "keys", "list"],
    "List tenant keys and count data keys; with --tenant every data key. Opens none of them",
  )
    .addOption(option("tenant", "A tenant's UUID: its keys alone, one by one"))
    .setAction(() => import("./list.ts"))
    .build(),
  proofxTask(
    ["log", "keys", "rotate"],
    "Rewrap under a newer key: --master, --tenant T, or --tenant T --agent A. Killed anywhere, the same command goes on",
  )
    .addFlag({
      name: "master",
      description: "Rewrap all tenant keys under the master key of the settings, [at_rest] master_key",
    })
    .addOption(
      option("tenant", "A tenant's UUID: make its next key, rewrap its data keys, destroy the older"),
    )
    .addOption(option("agent", "An agent's UUID: make its next data key, for records from now on"))
    .setAction(() => import("./rotate.ts"))
    .build(),
  proofxTask(
    ["log", "keys", "erase"],
    "Destroy an agent's data keys: its payloads are gone for good, and the log still verifies",
  )
    .addOption(option("tenant", "Required. The tenant's UUID"))
    .addOption(option("agent", "Required. The agent's UUID"))
    .addOption(option("confirm", "The agent's UUID once more, to confirm without being asked"))
    .setAction(() => import("./erase.ts"))
    .build(),
  proofxTask(
    ["log", "reencrypt"],
    "Seal every payload and proof with its agent's newest data key, and count that none is left; killed anywhere, it goes on",
  )
    .addFlag({
      name: "dryRun",
      description: "Open everything, say what would be sealed anew, change nothing",
    })
    .addOption(
      option(
        "legacyKeys",
        "A file with mode 0600 of keys for records of the format SSE1: 64 hex digits a line, newest first",
      ),
    )
    .setAction(() => import("../reencrypt.ts"))
    .build(),
];
