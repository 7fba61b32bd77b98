import { ACT, option, proofxTask, taskGroup } from "../support/declare.ts";

export const deployTasks = [
  proofxTask(
    "deploy",
    "Deploy the contracts in numbered steps; run it again after an interruption and it goes on",
  )
    .addOption(
      option(
        "settings",
        "Required. Settings file with a [deploy] section, e.g. a filled-in copy of config/proofx.toml",
      ),
    )
    .addOption(option("key", "Required. Name of the keystore key that deploys and pays; it gets no role"))
    .addOption(
      option("setup", "Folder that `ceremony export` wrote (default: the setup made on this machine)"),
    )
    .addOption(option("ptau", "Powers of tau file of the setup to deploy (default: the development one)"))
    .addOption(ACT.confirm)
    .addFlag({ name: "dryRun", description: "Show the settings and the steps, send nothing" })
    .addFlag({
      name: "allowDevelopmentSetup",
      description: "Deploy a verifier from a development setup to a public network: its proofs can be forged",
    })
    .setAction(() => import("./deploy.ts"))
    .build(),
  taskGroup("deployment", "Check a deployment and export what block explorers take"),
  proofxTask(
    ["deployment", "verify"],
    "Compare a deployment with the source, the deployed key and the settings it was made with",
  )
    .addOption(
      option("export", "Also write each contract's standard JSON and constructor arguments to this folder"),
    )
    .setAction(() => import("./verify.ts"))
    .build(),
];
