import { ACT, option, proofxTask, taskGroup } from "../support/declare.ts";
import { recordTasks } from "./record/index.ts";

const STATE = option(
  "state",
  "File the incident's progress is kept in (default: beside the deployment file); the same command goes on from it",
);
const OUT = option(
  "out",
  "Folder for unsigned calls of those whose key is not here (default: beside the state file)",
);
const PATIENCE = option(
  "patience",
  "Longest wait for the timelock in this run, in seconds (default: 600); after a longer one run the same command again",
);
const ADMIN = option("key", "Keystore key of the admin; without it the admin's calls are written unsigned");

export const incidentTasks = [
  taskGroup("incident", "Answer an incident step by step; killed anywhere, the same command goes on"),
  proofxTask(
    ["incident", "signer-compromise"],
    "Scenario A: revoke a stolen signer, distrust what it vouched for, list who proves again, new key, grant, relayer",
  )
    .addOption(option("signer", "Required. Address of the compromised signer"))
    .addOption(option("sinceBlock", "First block whose attestations by it are doubted"))
    .addOption(
      option(
        "knownSenders",
        "Your submitters' addresses, with commas: the doubt begins with the first foreign sender",
      ),
    )
    .addOption(option("newKey", "Required. Name of the new signer's key, made in the keystore"))
    .addOption(option("relayerConfig", "The relayer's configuration file: its signer becomes the new key"))
    .addOption(option("relayerUrl", "Where the relayer listens: asked whether it vouches with the new key"))
    .addOption(ADMIN)
    .addOption(STATE)
    .addOption(OUT)
    .addOption(ACT.confirm)
    .addFlag({ name: "dryRun", description: "Read what the key did and list the steps; change nothing" })
    .setAction(() => import("./signer-compromise.ts"))
    .build(),
  proofxTask(
    ["incident", "circuit-bug"],
    "Scenario B: pause, retire the broken version, phase 2 of the fixed circuit, let it in through the timelock, resume",
  )
    .addOption(option("circuitVersion", "Required. Number of the broken circuit version"))
    .addOption(
      option(
        "setup",
        "Folder that `ceremony export` wrote for the fixed circuit (default: the setup made here)",
      ),
    )
    .addOption(
      option("zkey", "Proving key of the fixed circuit's setup, with --transcript instead of --setup"),
    )
    .addOption(option("transcript", "Its transcript; both are verified from scratch against circuits/"))
    .addOption(option("ptau", "Powers of tau they stand on (default: the development ones)"))
    .addFlag({ name: "allowDevelopmentSetup", description: "Deploy a development setup on a public network" })
    .addOption(ADMIN)
    .addOption(option("guardian", "Keystore key of a guardian, for the pause (default: the admin's)"))
    .addOption(option("deployer", "Keystore key that deploys the circuit verifier (default: the admin's)"))
    .addOption(STATE)
    .addOption(OUT)
    .addOption(PATIENCE)
    .addOption(ACT.confirm)
    .addFlag({
      name: "dryRun",
      description: "Look at the version, list the steps; change nothing",
    })
    .setAction(() => import("./circuit-bug.ts"))
    .build(),
  proofxTask(
    ["incident", "anchor-compromise"],
    "A stolen anchorer key: veto, suspend, cut the forged tail through the timelock, new anchorer, verify the tail",
  )
    .addOption(option("stream", "Required. Stream id"))
    .addOption(option("keep", "Required. Index of the last batch that is yours; what comes after it is cut"))
    .addOption(option("newAnchorer", "Required. Address of the new anchorer"))
    .addOption(option("batches", "Your batch files up to it, with commas: compared with what the chain has"))
    .addOption(ADMIN)
    .addOption(
      option("guardian", "Keystore key of a guardian, for the veto; without it the call is written unsigned"),
    )
    .addOption(STATE)
    .addOption(OUT)
    .addOption(PATIENCE)
    .addOption(ACT.confirm)
    .addFlag({
      name: "dryRun",
      description: "List what was anchored after that batch, and the steps; change nothing",
    })
    .setAction(() => import("./anchor-compromise.ts"))
    .build(),
  ...recordTasks,
];
