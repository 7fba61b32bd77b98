import { changeTask, option } from "../support/declare.ts";

export const distrustTasks = [
  changeTask(
    "distrust",
    "Void what a signer or a circuit version attested since a time, and refuse it from now on (admin)",
  )
    .addOption(option("signer", "Address of the signer; or --circuit-version"))
    .addOption(option("circuitVersion", "Number of the circuit version; or --signer"))
    .addOption(
      option(
        "since",
        "Required. From when on: block:NUMBER, a unix time in seconds, or an ISO date and time",
      ),
    )
    .setAction(() => import("./distrust.ts"))
    .build(),
];
