import type { Need } from "../../test/results.ts";
import { isThere } from "../is-there.ts";
import { PORTS, urlAt } from "./ports.ts";
import type { Stage } from "./stage.ts";

/** Programs of the machine that steps and faults may need, and the line that brings each. */
const INSTALL: Readonly<Record<string, string>> = {
  "aleo-devnode": "npx proofx aleo runtime",
  psql: "apt-get install -y postgresql-client",
  gnd: "npm install, on Linux on x64",
};

/** The ledger of the stage, once `stage.service("aleo")` started it. */
export const ALEO_URL = urlAt(PORTS.aleo);
/** The agent that is registered on it, by `aleo-admin`, with {@link STAKE}. */
export const AGENT = "7";
const STAKE = "100000";

/** What is missing of a program that a step or a fault needs. */
export function missingNeed(command: string | undefined): Need | undefined {
  if (command === undefined || isThere(command)) return undefined;
  return { command, install: INSTALL[command] ?? `install ${command}` };
}

/**
 * Deploys both programs by `aleo-admin`, whose key is made in the stage's keystore, and registers an agent. Migration of the
 * verifier stays open: closing it is a page's.
 */
export async function furnishLedger(stage: Stage): Promise<void> {
  await stage.sh(`
    for NAME in aleo-admin aleo-admin-2; do
      [ -e "$PROOFX_KEYS/$NAME.json" ] || npx hardhat keys create --name "$NAME" --algorithm aleo
    done
    npx hardhat aleo faucet --key aleo-admin
    npx hardhat aleo deploy --key aleo-admin
    npx hardhat aleo execute close_migration --program registry --key aleo-admin
    printf '%s' '{ "metrics": { "accuracy_rate": 9000, "success_rate": 8500, "avg_latency_ms": 250, "total_executions": 1000 }, "salt": 4711 }' > "$WORK/metrics.json"
    chmod 600 "$WORK/metrics.json"
    npx hardhat aleo execute register_agent ${AGENT} ${STAKE} --inputs "$WORK/metrics.json" --key aleo-admin`);
}
