import { option, proofxTask, taskGroup } from "../support/declare.ts";

export const ceremonyTasks = [
  taskGroup("ceremony", "The trusted setup: make a proving key and check one from scratch"),
  proofxTask(
    ["ceremony", "setup"],
    "Compile the circuit and run its phase 2: one contribution and a beacon, cached",
  )
    .addOption(
      option("ptau", "Powers of tau file (default: the development one, which public networks refuse)"),
    )
    .addFlag({
      name: "trustUnknownPtau",
      description: "Accept a powers of tau file that is in no published table, if it verifies",
    })
    .setAction(() => import("./setup.ts"))
    .build(),
  proofxTask(
    ["ceremony", "verify"],
    "Check the setup from scratch: ptau, contributions, beacon, key, deployed key",
  )
    .addOption(option("ptau", "Powers of tau file the setup was made from (default: the development one)"))
    .addOption(option("zkey", "Proving key to check, with --transcript (default: the one made here)"))
    .addOption(option("transcript", "Transcript of that proving key, with --zkey"))
    .setAction(() => import("./verify.ts"))
    .build(),
];
