import { option, proofxTask, taskGroup } from "../support/declare.ts";

export const keysTasks = [
  taskGroup("keys", "Make and list the keys of the encrypted keystore"),
  proofxTask(["keys", "create"], "Make a new key; its secret never leaves the keystore")
    .addOption(option("name", "Required. Name to use it by, e.g. deployer or agent-7"))
    .addOption(
      option("algorithm", "Required. secp256k1 (sends and signs on chain) or ed25519 (signs log events)"),
    )
    .setAction(() => import("./create.ts"))
    .build(),
  proofxTask(["keys", "list"], "List the keys: name, algorithm, address or public key, age")
    .setAction(() => import("./list.ts"))
    .build(),
];
