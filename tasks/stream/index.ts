import { ACT, option, proofxTask, taskGroup } from "../support/declare.ts";

export const streamTasks = [
  taskGroup("stream", "Streams: where a tenant's batches are anchored"),
  proofxTask(["stream", "open"], "Open a tenant's stream with its one anchorer (admin)")
    .addOption(option("tenant", "Required. Tenant's UUID"))
    .addOption(option("store", "Required. Store's UUID"))
    .addOption(option("anchorer", "Required. Address that alone may anchor this stream's batches"))
    .addOption(
      option(
        "maturity",
        "Seconds before a facts root counts, in which guardians may veto it (at most 604800; default: 3600, on development chains 0)",
      ),
    )
    .addOption(ACT.key)
    .addOption(ACT.from)
    .addOption(ACT.out)
    .addOption(ACT.confirm)
    .addFlag(ACT.dryRun)
    .setAction(() => import("./open.ts"))
    .build(),
];
