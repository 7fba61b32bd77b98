import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { accountOfPrivateKey } from "../../../src/aleo/account.ts";
import { type AleoClient, openAleo, RejectedTransaction } from "../../../src/aleo/client.ts";
import { type Devnode, startDevnode } from "../../../src/aleo/devnode.ts";
import { type AleoLedger, openLedger } from "../../../src/aleo/ledger.ts";

export const REGISTRY = "agent_registry_v3.aleo";
export const VERIFIER = "trust_verifier_v3.aleo";
export const BOTH = [REGISTRY, VERIFIER] as const;

const LEO = new URL("../../../leo/", import.meta.url);

/** The compiled programs, as they are committed; the registry first, for the verifier reads it. */
export const SOURCES = ["agent_registry", "trust_verifier"].map((name) =>
  readFileSync(fileURLToPath(new URL(`${name}/build/main.aleo`, LEO)), "utf8"),
);

/** A ledger of its own with somebody to act on it. */
export interface Bench {
  readonly devnode: Devnode;
  readonly ledger: AleoLedger;
  readonly admin: AleoClient;
  readonly alice: AleoClient;
  readonly bob: AleoClient;
}

export async function startBench(): Promise<Bench> {
  const devnode = await startDevnode();
  const ledger = openLedger(devnode.url);
  const clients = devnode.accounts
    .slice(0, 3)
    .map(async (key) => openAleo({ ledger, account: await accountOfPrivateKey(key) }));
  const [admin, alice, bob] = await Promise.all(clients);
  if (admin === undefined || alice === undefined || bob === undefined) throw new Error("three accounts");
  return { devnode, ledger, admin, alice, bob };
}

/** Sends a call that the ledger takes its fee for and rejects. */
export async function rejected(
  client: AleoClient,
  program: string,
  name: string,
  inputs: readonly string[],
): Promise<void> {
  try {
    await client.execute(program, name, inputs);
  } catch (error) {
    if (error instanceof RejectedTransaction) return;
    throw error;
  }
  throw new Error(`${name} was accepted`);
}

/** A struct of metrics as Leo text. */
export const metrics = (accuracy: number, success: number, latency: number, executions: number): string =>
  `{ accuracy_rate: ${accuracy}u32, success_rate: ${success}u32, avg_latency_ms: ${latency}u32, total_executions: ${executions}u32 }`;
