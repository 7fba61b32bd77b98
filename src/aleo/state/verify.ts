import { type Entry, entryFault, placeOf } from "./entry.ts";
import { entriesOf, registryFaults, sum } from "./registry.ts";
import type { AleoProgramState, AleoState } from "./state-file.ts";

/** What a comparison of a plan with the state that came of it found. */
export interface Verification {
  /** Sentences that name the entry: dropped, doubled, altered; and totals that do not add up. None: all is right. */
  readonly faults: readonly string[];
  /** Entries that were compared. */
  readonly entries: number;
  /** Microcredits in these entries. */
  readonly credits: bigint;
}

/** Mappings whose entries come from a plan and from nowhere else, while migration is open. */
const ENTERED = ["agents", "withdrawals", "executions"];

/**
 * Compares every entry of a plan with a state, and every entry of the state with the plan.
 *
 * A dropped entry is in the plan alone, a doubled one in the state alone; whatever else differs is altered. Then the
 * registry's totals must be the sums of its entries, and its credits real.
 *
 * @param registry Id of the registry in the state.
 */
export function verifyEntries(entries: readonly Entry[], state: AleoState, registry: string): Verification {
  const faults: string[] = [];
  const planned = new Map<string, Entry>();
  for (const entry of entries) {
    const place = `${entry.program}/${placeOf(entry)}`;
    if (planned.has(place)) faults.push(`${place} is twice in what was to be entered`);
    planned.set(place, entry);
    const value = state.programs[entry.program]?.mappings[entry.mapping]?.[entry.key];
    if (value === undefined) faults.push(`${place} was dropped: the ledger has no such entry`);
    else {
      const fault = entryFault(entry, value);
      if (fault !== undefined) faults.push(`${place} was altered: ${fault}`);
    }
  }
  for (const program of new Set(entries.map((entry) => entry.program))) {
    const actual = state.programs[program];
    if (actual !== undefined) faults.push(...surplus(program, actual, planned));
  }
  const target = state.programs[registry];
  if (target === undefined) faults.push(`${registry} is not in the state`);
  else faults.push(...registryFaults(target).map((fault) => `${registry}: ${fault}`));
  return { faults, entries: entries.length, credits: sum(entries, ({ credits }) => credits) };
}

function surplus(program: string, actual: AleoProgramState, planned: ReadonlyMap<string, Entry>): string[] {
  const open = actual.mappings.migration?.true === "true";
  return ENTERED.flatMap((mapping) =>
    entriesOf(actual, mapping)
      .map(([key]) => key)
      .filter((key) => !planned.has(`${program}/${mapping}[${key}]`))
      // Once it is closed, owners register agents of their own.
      .filter((key) => open || actual.mappings.migrated?.[key] === "true")
      .map(
        (key) =>
          `${program}/${mapping}[${key}] is not in what was to be entered: doubled, or entered by somebody else`,
      ),
  );
}
