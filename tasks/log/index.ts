import { option, proofxTask, taskGroup } from "../support/declare.ts";
import { logKeysTasks } from "./keys/index.ts";

export const logTasks = [
  taskGroup("log", "The log of signed events"),
  proofxTask(
    ["log", "inspect"],
    "Print every hash of an event, as its file declares it and as computed, and say what is wrong with it",
  )
    .addPositionalArgument({
      name: "file",
      description: "File with an event's JSON, or one a line",
    })
    .addOption(option("line", "Which line of a file with several events, from 1"))
    .addOption(option("sequence", "The event's sequence number, for its leaf and receipt hash"))
    .addOption(option("publicKey", "The agent's ed25519 public key (0x hex), to check the signature with"))
    .setAction(() => import("./inspect.ts"))
    .build(),
  proofxTask(
    ["log", "verify"],
    "Read the log again, whole, and name the first entry that does not hold; with --network it is compared with the chain",
  )
    .addOption(option("tenant", "Only this tenant's streams, UUID"))
    .addOption(option("store", "Only this stream, UUID"))
    .addFlag({
      name: "withoutPayloads",
      description: "Do not open payloads: needs no key, and believes the table of agents' keys",
    })
    .setAction(() => import("./verify.ts"))
    .build(),
  ...logKeysTasks,
];
