import { option, proofxTask, taskGroup } from "../support/declare.ts";

/** The embedded database is open in one process: stop the sequencer for these, or use PostgreSQL. */
export const auditTasks = [
  taskGroup("audit", "Auditors' files (docs/audit.md)"),
  proofxTask(
    ["audit", "export"],
    "Make one file with which an auditor checks a part of a stream offline: npx proofx audit check FILE",
  )
    .addOption(option("tenant", "Required. UUID of the tenant"))
    .addOption(option("store", "Required. UUID of the store"))
    .addOption(option("sequences", "Required. Sequence numbers and ranges, e.g. 5-8,12"))
    .addFlag({
      name: "open",
      description: "Whole events, payloads included; without it the file shows only what leaves are made of",
    })
    .addOption(option("proofs", "Proof files of `prove` about these events, with commas between"))
    .addOption(option("out", "Required. A new file with mode 0600"))
    .setAction(() => import("./export.ts"))
    .build(),
];
