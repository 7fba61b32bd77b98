import { ACT, changeTask, option, proofxTask, taskGroup } from "../support/declare.ts";

export const policyTasks = [
  taskGroup("policy", "Policies: linear rules that committed facts are proved against"),
  proofxTask(
    ["policy", "register"],
    "Register a policy: lower <= sum(weight * amount) <= upper, category allowed (policy admin)",
  )
    .addOption(option("policy", "Required. Policy file (TOML), e.g. config/policies/aml-threshold.toml"))
    .addOption(ACT.key)
    .addOption(ACT.from)
    .addOption(ACT.out)
    .addOption(ACT.confirm)
    .addFlag(ACT.dryRun)
    .setAction(() => import("./register.ts"))
    .build(),
  changeTask(
    ["policy", "retire"],
    "Retire a policy for good: its attestations answer false from then on (policy admin, or admin)",
  )
    .addOption(option("policy", "Required. Policy id"))
    .setAction(() => import("./retire.ts"))
    .build(),
  proofxTask(["policy", "list"], "List the registered policies with their limits in plain")
    .setAction(() => import("./list.ts"))
    .build(),
];
