import { ACT, option, proofxTask } from "../../support/declare.ts";

// Loaded with the configuration by every command: nothing heavy may be imported here.

/** Options that several tasks have. */
export const ALEO = {
  ledger: option(
    "ledger",
    "URL of a node's REST interface, e.g. http://127.0.0.1:3030 (default: PROOFX_ALEO_URL, else [aleo] of PROOFX_CONFIG)",
  ),
  key: option("key", "Required. Name of the key (algorithm aleo) that calls and pays"),
  maxFee: option("maxFee", "Microcredits that one transaction may cost at most (default: max_fee of [aleo])"),
  priorityFee: option(
    "priorityFee",
    "Microcredits above the base fee, for a place before others (default: priority_fee of [aleo])",
  ),
  confirm: ACT.confirm,
  program: option("program", "registry or verifier, or the program's name"),
  programs: option("program", "registry or verifier, or the program's name (default: both)"),
  dryRun: {
    name: "dryRun",
    description: "Run the call's private part here, show what it costs and changes, send nothing",
  },
} as const;

/** Starts the declaration of a task that looks at Aleo's ledger. */
export function aleoTask(id: string[], description: string) {
  return proofxTask(id, description).addOption(ALEO.ledger);
}

/** Starts the declaration of a task that sends transactions: it shows them first, and reads the ledger afterwards. */
export function aleoChangeTask(id: string[], description: string) {
  return aleoTask(id, description)
    .addOption(ALEO.key)
    .addOption(ALEO.maxFee)
    .addOption(ALEO.priorityFee)
    .addOption(ALEO.confirm)
    .addFlag(ALEO.dryRun);
}
