import { changeTask, option, proofxTask, taskGroup, timelockTask } from "../support/declare.ts";

const OPERATION = option(
  "operation",
  "Id of the operation, or its beginning (default: the only one that waits)",
);

export const upgradeTasks = [
  taskGroup("upgrade", "The timelock: schedule upgrades, and list, execute and cancel what waits"),
  proofxTask(["upgrade", "list"], "List every operation of the timelock, decoded, with its state and time")
    .setAction(() => import("./list.ts"))
    .build(),
  timelockTask(
    ["upgrade", "schedule"],
    "Validate, deploy and schedule a new implementation of the verifier; executes it when run again later (admin)",
  )
    .addOption(
      option("contract", "Required. Name of the new implementation's contract, compiled from contracts/"),
    )
    .addOption(
      option(
        "reference",
        "Name of the contract that the proxy runs now, in these sources (default: the one in the deployment file)",
      ),
    )
    .addOption(option("implementation", "Address of the new implementation, if it is deployed already"))
    .addOption(option("call", "Call to run on it in the same transaction, as 0x hex (default: none)"))
    .addOption(option("deployer", "Name of the keystore key that deploys and pays (default: --key)"))
    .setAction(() => import("./schedule.ts"))
    .build(),
  changeTask(["upgrade", "execute"], "Execute an operation whose delay is over (admin)")
    .addOption(OPERATION)
    .addFlag({ name: "wait", description: "Wait until the delay is over, and execute" })
    .setAction(() => import("./execute.ts"))
    .build(),
  changeTask(["upgrade", "cancel"], "Cancel an operation that waits (admin)")
    .addOption(OPERATION)
    .setAction(() => import("./cancel.ts"))
    .build(),
];
