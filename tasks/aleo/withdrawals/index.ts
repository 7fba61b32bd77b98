import { option, taskGroup } from "../../support/declare.ts";
import { aleoChangeTask, aleoTask } from "../support/declare.ts";

const FROM_BLOCK = option(
  "fromBlock",
  "Look for tickets from this height on (default: where the registry was deployed)",
);

export const withdrawalsTasks = [
  taskGroup(["aleo", "withdrawals"], "Stake on its way out of the registry"),
  aleoTask(
    ["aleo", "withdrawals", "list"],
    "List the withdrawals that wait or can be paid, with height and time",
  )
    .addOption(FROM_BLOCK)
    .setAction(() => import("./list.ts"))
    .build(),
  aleoChangeTask(
    ["aleo", "withdrawals", "process"],
    "Pay out every withdrawal whose wait is over, to its owner; anybody may, and it can be repeated",
  )
    .addOption(FROM_BLOCK)
    .addOption(
      option("batchSize", "Pay at most so many (default: all; a transaction takes 5, so 10 are two of them)"),
    )
    .setAction(() => import("./process.ts"))
    .build(),
];
