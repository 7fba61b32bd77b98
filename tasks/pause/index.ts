import { changeTask } from "../support/declare.ts";

export const pauseTasks = [
  changeTask(
    "pause",
    "Stop attesting at once: a guardian for what is left of the guardians' 7 days, the admin for 30 days",
  )
    .addFlag({ name: "renew", description: "Let a running pause last 30 days from now (admin)" })
    .setAction(() => import("./pause.ts"))
    .build(),
  changeTask("unpause", "Resume attesting (admin)")
    .setAction(() => import("./unpause.ts"))
    .build(),
];
