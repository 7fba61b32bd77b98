import { changeTask, option, taskGroup } from "../support/declare.ts";

export const guardianTasks = [
  taskGroup("guardian", "Guardians: who may pause attesting and veto batches"),
  changeTask(["guardian", "re-arm"], "Give a guardian that paused its right to pause back (admin)")
    .addOption(option("guardian", "Required. The guardian's address"))
    .setAction(() => import("./re-arm.ts"))
    .build(),
];
