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
];
