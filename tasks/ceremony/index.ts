import { option, proofxTask, taskGroup } from "../support/declare.ts";
import { CEREMONY } from "./options.ts";

export const ceremonyTasks = [
  taskGroup(
    "ceremony",
    "The trusted setup: phase 2 with many contributors or on this machine, and its check",
  ),
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
    ["ceremony", "new"],
    "Begin a ceremony of many contributors: fix circuit, powers of tau and the beacon to come",
  )
    .addOption(CEREMONY.ceremony)
    .addOption(CEREMONY.keys)
    .addOption(CEREMONY.circuit)
    .addOption(
      option("ptau", "Powers of tau file (default: the development one, which public networks refuse)"),
    )
    .addFlag({
      name: "trustUnknownPtau",
      description: "Accept a powers of tau file that is in no published table, if it verifies",
    })
    .addOption(
      option(
        "beaconAt",
        "Required, or --beacon-round. When contributions end, RFC 3339, e.g. 2026-01-31T12:00Z",
      ),
    )
    .addOption(
      option(
        "beaconRound",
        "Round of the public drand chain that ends it (default: the first after --beacon-at)",
      ),
    )
    .addOption(
      option("drandInfo", "Another drand chain: file with its node's answer to /info (default: quicknet)"),
    )
    .addOption(
      option(
        "beaconSource",
        "Another beacon than drand, in words that name one value, e.g. a block hash to come",
      ),
    )
    .addOption(option("beaconIterations", "The beacon is hashed 2^this times, 10 to 20 (default: 10)"))
    .addOption(option("contributors", "TOML file of who may contribute (default: anybody with a key)"))
    .setAction(() => import("./new.ts"))
    .build(),
  proofxTask(
    ["ceremony", "contribute"],
    "Contribute fresh entropy and sign for it: in the folder, offline from file to file, or at a coordinator",
  )
    .addOption(CEREMONY.ceremony)
    .addOption(option("key", "Required. Name of your Ed25519 key in the keystore"))
    .addOption(option("name", "Required. Your name in the records, as the ceremony expects it"))
    .addOption(CEREMONY.keys)
    .addOption(CEREMONY.ptau)
    .addOption(option("in", "Offline: the ceremony's latest proving key, as it was handed to you"))
    .addOption(option("out", "Offline: where the new proving key goes"))
    .addOption(option("attestation", "Offline: where your signed record goes"))
    .addOption(
      option(
        "coordinator",
        "URL of a coordinator; --ceremony is then the folder for your copy of the records",
      ),
    )
    .setAction(() => import("./contribute.ts"))
    .build(),
  proofxTask(["ceremony", "accept"], "Check a contribution that came as files, and put it in its place")
    .addOption(CEREMONY.ceremony)
    .addOption(option("in", "Required. The contributor's new proving key"))
    .addOption(option("attestation", "Required. The contributor's signed record"))
    .addOption(CEREMONY.keys)
    .addOption(CEREMONY.ptau)
    .setAction(() => import("./accept.ts"))
    .build(),
  proofxTask(["ceremony", "beacon"], "End a ceremony with the announced public randomness")
    .addOption(CEREMONY.ceremony)
    .addOption(CEREMONY.keys)
    .addOption(
      option("round", "drand: file with a node's answer, or a node's URL (default: https://api.drand.sh)"),
    )
    .addOption(option("value", "Another source: its value, 0x and hex digits"))
    .addFlag({ name: "wait", description: "Wait until the announced time instead of refusing before it" })
    .setAction(() => import("./beacon.ts"))
    .build(),
  proofxTask(["ceremony", "status"], "Where a ceremony stands: what is fixed, who contributed, what is next")
    .addOption(CEREMONY.ceremony)
    .setAction(() => import("./status.ts"))
    .build(),
  proofxTask(
    ["ceremony", "verify"],
    "Check a ceremony or a setup from scratch: ptau, contributions, beacon, key, deployed key",
  )
    .addOption(
      option("ceremony", "Ceremony of many contributors, by name or path (default: the setup made here)"),
    )
    .addOption(CEREMONY.keys)
    .addOption(CEREMONY.circuit)
    .addOption(option("ptau", "Powers of tau file the setup was made from (default: the development one)"))
    .addOption(
      option("zkey", "Proving key to check, with --transcript or --ceremony (default: the one made here)"),
    )
    .addOption(option("transcript", "Transcript of that proving key, with --zkey"))
    .addOption(option("includes", "With --ceremony: your signed record, which must be among the others"))
    .setAction(() => import("./verify.ts"))
    .build(),
  proofxTask(
    ["ceremony", "export"],
    "Write a finished ceremony as a setup: proving key, verification key, transcript for deploy",
  )
    .addOption(CEREMONY.ceremony)
    .addOption(option("out", "Required. Folder to make"))
    .addOption(CEREMONY.keys)
    .addOption(CEREMONY.circuit)
    .addOption(CEREMONY.ptau)
    .addOption(option("zkey", "The final proving key, when it is elsewhere"))
    .setAction(() => import("./export.ts"))
    .build(),
];
