import { option, proofxTask, taskGroup } from "../support/declare.ts";

export const auditTasks = [
  taskGroup("audit", "Files for auditors"),
  proofxTask(
    ["audit", "export"],
    "Collect chosen events of a stream, with all that proves them, in one file that is checked offline (proofx audit check)",
  )
    .addOption(option("tenant", "Required. The stream's tenant, a UUID"))
    .addOption(option("store", "Required. The stream's store, a UUID"))
    .addOption(option("sequences", "Required. Sequence numbers and ranges, e.g. 3,7-9; at most 1000"))
    .addFlag({
      name: "open",
      description: "Show the events whole, payloads opened; without it only what their leaves are made of",
    })
    .addOption(
      option(
        "proof",
        "Proof files that `prove` wrote, comma separated; the chain gives their policies and keys",
      ),
    )
    .addOption(option("out", "Required. File to write; its mode is 0600"))
    .setAction(() => import("./export.ts"))
    .build(),
];
