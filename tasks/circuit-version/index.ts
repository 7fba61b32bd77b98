import { changeTask, option, proofxTask, taskGroup, timelockTask } from "../support/declare.ts";

const VERSION = option("circuitVersion", "Required. Number of the circuit version");

export const circuitVersionTasks = [
  taskGroup("circuit-version", "Circuit versions: which circuit's proofs are taken"),
  proofxTask(["circuit-version", "list"], "List the circuit versions with their circuit verifiers and status")
    .setAction(() => import("./list.ts"))
    .build(),
  changeTask(
    ["circuit-version", "add"],
    "Deploy a setup's circuit verifier and add it as the next version, without effect until it is activated (admin)",
  )
    .addOption(option("verifier", "Address of a circuit verifier that is deployed already"))
    .addOption(
      option("setup", "Folder that `ceremony export` wrote (default: the setup made on this machine)"),
    )
    .addOption(option("zkey", "Proving key of the setup to deploy, with --transcript instead of --setup"))
    .addOption(option("transcript", "Transcript of that proving key, with --zkey"))
    .addOption(option("ptau", "Powers of tau file of the setup (default: the development one)"))
    .addOption(option("deployer", "Name of the keystore key that deploys and pays (default: --key)"))
    .addFlag({
      name: "allowDevelopmentSetup",
      description: "Add a verifier from a development setup on a public network: its proofs can be forged",
    })
    .setAction(() => import("./add.ts"))
    .build(),
  timelockTask(
    ["circuit-version", "activate"],
    "Let proofs of an added version in, through the timelock: schedules, and executes when run again later (admin)",
  )
    .addOption(VERSION)
    .setAction(() => import("./activate.ts"))
    .build(),
  changeTask(["circuit-version", "retire"], "End a version at once; nothing brings it back (admin)")
    .addOption(VERSION)
    .addOption(
      option("as", "Required. superseded: its attestations carry over; broken: they do not count any more"),
    )
    .setAction(() => import("./retire.ts"))
    .build(),
];
