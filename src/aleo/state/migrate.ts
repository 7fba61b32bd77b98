import { InputError } from "../../core/errors.ts";
import { loadCommitter } from "../commitment.ts";
import { agentEntry, type Entry, withdrawalEntry } from "./entry.ts";
import { loadOrDrawSalts } from "./salts.ts";
import type { AleoState } from "./state-file.ts";
import { type MigrationPlan, planMigration, readV2 } from "./v2.ts";

export interface MigrationOptions {
  /** State of the old program. */
  readonly state: AleoState;
  /** Id of the version 2 registry in it. */
  readonly from: string;
  /** Id of the version 3 registry. */
  readonly to: string;
  /** File of the salts; made when it is not there. */
  readonly salts: string;
  /** Agents to leave out; only such that cannot go. */
  readonly leaveOut: readonly string[];
}

/** A migration, ready to be entered or verified. */
export interface Migration extends MigrationPlan {
  readonly entries: readonly Entry[];
}

/**
 * What every entry of a version 2 registry becomes in version 3. The same call with the same salts gives the same entries,
 * which is what makes a run that was killed go on, and a later `--verify` compare with what was meant.
 */
export async function prepareMigration(options: MigrationOptions): Promise<Migration> {
  const { state, from, to, salts, leaveOut } = options;
  const old = readV2(state, from);
  const commit = await loadCommitter();
  const plan = planMigration(old, loadOrDrawSalts(salts, old.agents), commit, new Set(leaveOut));
  const entries = [
    ...plan.agents.map((agent) => agentEntry(to, agent)),
    ...plan.withdrawals.map((withdrawal) => withdrawalEntry(to, withdrawal)),
  ];
  return { ...plan, entries };
}

/** Reads `1field,2field`. */
export function parseAgents(text: string | undefined): string[] {
  if (text === undefined || text === "") return [];
  const ids = text.split(",");
  const wrong = ids.find((id) => !/^\d+field$/.test(id));
  if (wrong !== undefined)
    throw InputError.expected("--leave-out", "agents as field literals, e.g. 7field,9field", wrong);
  return ids;
}
