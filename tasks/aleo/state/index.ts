import { option, proofxTask, taskGroup } from "../../support/declare.ts";
import { aleoChangeTask, aleoTask } from "../support/declare.ts";

const STATE = {
  programs: option("program", "Ids of programs, comma separated (default: both programs of version 3)"),
  out: option(
    "out",
    "Folder for the state's file, which is named by its SHA-256 (default: build/aleo-state)",
  ),
  from: option("fromBlock", "First block to replay (default: 0); the programs are deployed in it or later"),
  registry: option("registry", "Id of the registry that it goes into (default: agent_registry_v3.aleo)"),
  verifier: option("verifier", "Id of the verifier that it goes into (default: trust_verifier_v3.aleo)"),
} as const;

export const aleoStateTasks = [
  taskGroup(
    ["aleo", "state"],
    "Back up, rebuild, restore and migrate what the programs hold (docs/aleo-state.md)",
  ),
  aleoTask(
    ["aleo", "state", "reconstruct"],
    "Rebuild the state of programs from blocks alone; a replay that was stopped goes on",
  )
    .addOption(STATE.programs)
    .addOption(STATE.from)
    .addOption(option("toBlock", "Last block to replay (default: the latest)"))
    .addOption(STATE.out)
    .setAction(() => import("./reconstruct.ts"))
    .build(),
  aleoTask(
    ["aleo", "state", "backup"],
    "Write the live state of programs after one block; it must be what the blocks make",
  )
    .addOption(STATE.programs)
    .addOption(STATE.from)
    .addOption(STATE.out)
    .setAction(() => import("./backup.ts"))
    .build(),
  proofxTask(
    ["aleo", "state", "check"],
    "Check a state's file: hash, totals, credits; and compare it with another, entry by entry. Asks no ledger",
  )
    .addOption(option("state", "Required. File of a state"))
    .addOption(option("against", "File of another state to compare it with"))
    .setAction(() => import("./check.ts"))
    .build(),
  aleoChangeTask(
    ["aleo", "state", "restore"],
    "Enter a backup into freshly deployed programs, then compare every entry; goes on where it was stopped",
  )
    .addOption(option("state", "Required. File of a state that `backup`, `snapshot` or `reconstruct` wrote"))
    .addOption(STATE.registry)
    .addOption(STATE.verifier)
    .addFlag({ name: "close", description: "Let nothing more be entered, for ever, once all is compared" })
    .setAction(() => import("./restore.ts"))
    .build(),
  aleoChangeTask(
    ["aleo", "state", "migrate"],
    "Enter the agents of a version 2 registry into a fresh version 3; goes on where it was stopped",
  )
    .addOption(option("from", "Id of the old registry (default: agent_registry_v2.aleo)"))
    .addOption(option("to", "Id of the new registry (default: agent_registry_v3.aleo)"))
    .addOption(
      option("state", "File of the old registry's state (default: rebuilt from the ledger's blocks)"),
    )
    .addOption(
      option(
        "salts",
        "Required. File of the salts that open the agents' commitments, made when it is not there. Secret; keep it",
      ),
    )
    .addOption(option("leaveOut", "Agents that cannot go and are left out, e.g. 7field,9field"))
    .addFlag({
      name: "verify",
      description: "Afterwards compare every entry, the totals and the credits held",
    })
    .addFlag({ name: "close", description: "Let nothing more be entered, for ever; needs --verify" })
    .setAction(() => import("./migrate.ts"))
    .build(),
  aleoTask(
    ["aleo", "state", "snapshot"],
    "Write down all that the ledger shows of programs, for an incident; takes what it can get",
  )
    .addOption(STATE.programs)
    .addOption(option("out", "Folder of this snapshot (default: build/aleo-snapshots/HEIGHT-TIME)"))
    .addOption(option("last", "Transactions to keep (default: 100)"))
    .setAction(() => import("./snapshot.ts"))
    .build(),
  aleoChangeTask(
    ["aleo", "state", "clean-slate"],
    "Deploy the committed programs where they are not yet, under a new version's name if asked to",
  )
    .addOption(
      option("as", "Version in the names, e.g. 4 for agent_registry_v4.aleo (default: as committed)"),
    )
    .setAction(() => import("./clean-slate.ts"))
    .build(),
];
