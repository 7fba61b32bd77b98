import { option, proofxTask, taskGroup } from "../support/declare.ts";

const ALGORITHM = option(
  "algorithm",
  "Required. secp256k1 (sends and signs on chain), ed25519 (signs log events), aes-256 (wraps the log's keys at rest) or aleo (an account on Aleo)",
);

export const keysTasks = [
  taskGroup(
    "keys",
    "Make, list and rotate the keys of the keystore or of the backend that PROOFX_CONFIG names",
  ),
  proofxTask(["keys", "create"], "Make a new key; its secret never leaves the backend")
    .addOption(option("name", "Required. Name to use it by, e.g. deployer or agent-7"))
    .addOption(ALGORITHM)
    .setAction(() => import("./create.ts"))
    .build(),
  proofxTask(
    ["keys", "import"],
    "Take in a key made elsewhere, 64 hex digits, or for aleo APrivateKey1…; without --in and --descriptor the terminal asks, without echo",
  )
    .addOption(option("name", "Required. Name to use it by"))
    .addOption(ALGORITHM)
    .addOption(option("in", "A file with mode 0600 that holds the key; destroy it afterwards"))
    .addOption(
      option("descriptor", "Number of an open descriptor to read it from, e.g. 0 for standard input"),
    )
    .setAction(() => import("./import.ts"))
    .build(),
  proofxTask(["keys", "list"], "List the keys: name, algorithm, address or public key, time of making")
    .setAction(() => import("./list.ts"))
    .build(),
  proofxTask(
    ["keys", "rotate"],
    "Make a key's successor and say what the admin does next; repeated, it goes on. Nothing is sent to a chain",
  )
    .addOption(option("name", "Required. Name of the key, in any version"))
    .addFlag({ name: "retire", description: "The old key has no role any more: write that down" })
    .setAction(() => import("./rotate.ts"))
    .build(),
  proofxTask(
    ["keys", "due"],
    "Hold the keys' ages against the schedule (signers: 90 days); exits with 1 when one is overdue or missing",
  )
    .addFlag({
      name: "open",
      description: "Open every key as well, which finds a file whose time was edited",
    })
    .setAction(() => import("./due.ts"))
    .build(),
];
