import { changeTask, option, proofxTask, taskGroup, timelockTask } from "../support/declare.ts";

const STREAM = {
  stream: option("stream", "Stream id; or name its --tenant and --store"),
  tenant: option("tenant", "Tenant's UUID"),
  store: option("store", "Store's UUID"),
} as const;

export const streamTasks = [
  taskGroup("stream", "Streams: where a tenant's batches are anchored"),
  changeTask(["stream", "open"], "Open a tenant's stream with its one anchorer (admin)")
    .addOption(option("tenant", "Required. Tenant's UUID"))
    .addOption(option("store", "Required. Store's UUID"))
    .addOption(option("anchorer", "Required. Address that alone may anchor this stream's batches"))
    .addOption(
      option(
        "maturity",
        "Seconds before a facts root counts, in which guardians may veto it (at most 604800; default: 3600, on development chains 0)",
      ),
    )
    .setAction(() => import("./open.ts"))
    .build(),
  proofxTask(["stream", "show"], "Show a stream's head and its newest batches, from the chain's logs")
    .addOption(STREAM.stream)
    .addOption(STREAM.tenant)
    .addOption(STREAM.store)
    .addOption(option("last", "How many batches (default: 20)"))
    .setAction(() => import("./show.ts"))
    .build(),
  changeTask(["stream", "anchorer"], "Replace a stream's anchorer at once, or suspend the stream (admin)")
    .addOption(STREAM.stream)
    .addOption(STREAM.tenant)
    .addOption(STREAM.store)
    .addOption(option("anchorer", "Address of the new anchorer; required unless --suspend is given"))
    .addFlag({ name: "suspend", description: "Let nobody anchor" })
    .setAction(() => import("./anchorer.ts"))
    .build(),
  changeTask(
    ["stream", "veto"],
    "Take back a batch that is not mature: its facts root will never count (guardian)",
  )
    .addOption(STREAM.stream)
    .addOption(STREAM.tenant)
    .addOption(STREAM.store)
    .addOption(option("batch", "Required. Index of the batch"))
    .setAction(() => import("./veto.ts"))
    .build(),
  timelockTask(["stream", "reopen"], "Cut every batch after one that is kept, through the timelock (admin)")
    .addOption(STREAM.stream)
    .addOption(STREAM.tenant)
    .addOption(STREAM.store)
    .addOption(option("keep", "Required. Index of the last batch to keep; 0 cuts them all"))
    .addOption(
      option(
        "step",
        "Batches that one call cuts, at most (default: 1000, what common nodes take); all calls are scheduled at once",
      ),
    )
    .addFlag({
      name: "allowLive",
      description:
        "Accept a stream that has an anchorer: a batch that it anchors meanwhile makes the cut stale",
    })
    .setAction(() => import("./reopen.ts"))
    .build(),
];
