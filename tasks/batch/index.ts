import { ACT, option, proofxTask, taskGroup } from "../support/declare.ts";

export const batchTasks = [
  taskGroup("batch", "Batches: closed ranges of a stream's events"),
  proofxTask(
    ["batch", "anchor"],
    "Check signed events, close them into the stream's next batch and anchor its roots",
  )
    .addOption(
      option(
        "events",
        "Required. File of signed events, one JSON a line, all of one tenant and store, in order",
      ),
    )
    .addOption(
      option(
        "agents",
        'Required. JSON file of the agents\' keys: [{"agentId": UUID, "keyId": 1, "publicKey": 0x hex}]',
      ),
    )
    .addOption(option("previous", "Batch file of the batch before; left out for a stream's first batch"))
    .addOption(
      option("out", "Required. Batch file to write: what provers and the next batch need; holds no facts"),
    )
    .addOption(option("key", "Required. Name of the stream's anchorer's keystore key"))
    .addOption(ACT.confirm)
    .addFlag(ACT.dryRun)
    .setAction(() => import("./anchor.ts"))
    .build(),
  proofxTask(
    ["batch", "fetch"],
    "Ask a sequencer for the batch that holds an event, recompute its roots and find them on chain",
  )
    .addOption(option("url", "Required. Where the sequencer listens"))
    .addOption(option("credential", "Required. File of mode 0600 with an API key that may read"))
    .addOption(option("tenant", "Required. UUID of the tenant"))
    .addOption(option("store", "Required. UUID of the store"))
    .addOption(option("sequence", "Required. Sequence number of the event"))
    .addOption(option("wait", "Seconds to wait for the batch to be anchored (default: 0)"))
    .addOption(option("out", "Required. Batch file to write: what provers need; holds no facts"))
    .setAction(() => import("./fetch.ts"))
    .build(),
];
