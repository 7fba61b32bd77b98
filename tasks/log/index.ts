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
  ...logKeysTasks,
];
