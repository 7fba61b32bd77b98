import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type AleoClient, RejectedTransaction } from "../../../src/aleo/client.ts";
import type { AleoLedger } from "../../../src/aleo/ledger.ts";
import { startAleo } from "../support.ts";

export const REGISTRY = "agent_registry_v3.aleo";
export const VERIFIER = "trust_verifier_v3.aleo";
export const BOTH = [REGISTRY, VERIFIER] as const;

const LEO = new URL("../../../leo/", import.meta.url);

/** The compiled programs, as they are committed; the registry first, for the verifier reads it. */
export const SOURCES = ["agent_registry", "trust_verifier"].map((name) =>
  readFileSync(fileURLToPath(new URL(`${name}/build/main.aleo`, LEO)), "utf8"),
);

/** A ledger of its own with both programs of version 3 on it, and somebody to act. */
export interface Bench {
  readonly ledger: AleoLedger;
  readonly url: string;
  readonly admin: AleoClient;
  readonly alice: AleoClient;
  readonly bob: AleoClient;
  advance(blocks: number): Promise<number>;
  close(): Promise<void>;
}

/** @param migrating As deployed, open to entries; otherwise both migrations are closed, and agents register. */
export async function startBench(migrating: boolean): Promise<Bench> {
  const { devnode, ledger, admin, party, close } = await startAleo({ migrating });
  const [{ client: alice }, { client: bob }] = [await party(1), await party(2)];
  const advance = (blocks: number) => devnode.advance(blocks);
  return { ledger, url: devnode.url, admin: admin.client, alice, bob, advance, close };
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
