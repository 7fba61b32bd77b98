import { InputError } from "../../core/errors.ts";
import { type Difference, differences, type Ignored } from "./compare.ts";
import { agentEntry, type Entry, executionEntries, withdrawalEntry } from "./entry.ts";
import { agentsOf, entriesOf, isPaused, TOTAL, totalOf, withdrawalsOf } from "./registry.ts";
import type { AleoProgramState, AleoState } from "./state-file.ts";

/** Which program of a state is which, and which one on the ledger it goes into. */
export interface Programs {
  readonly registry: string;
  readonly verifier: string;
}

/** What a restore does. */
export interface RestorePlan {
  readonly entries: readonly Entry[];
  /** Programs that were paused, and are paused again at the end. */
  readonly paused: readonly string[];
  /** What a restore cannot bring back, in sentences; somebody has to do these again. */
  readonly leftOut: readonly string[];
}

/** Mappings that a restore writes; all others are of the deployment itself (its admin, its upgrades), or left out. */
const RESTORED = new Set(["agents", "withdrawals", "waiting", "executions", "verified_count"]);

/** A state's registry. @throws InputError when it has none of that name. */
export function programOf(state: AleoState, id: string): AleoProgramState {
  const program = state.programs[id];
  if (program !== undefined) return program;
  throw InputError.expected("state", `the program ${id}`, Object.keys(state.programs).join(", "));
}

/** What a state is as entries of fresh programs, agents before what belongs to them. */
export function planRestore(state: AleoState, from: Programs, to: Programs): RestorePlan {
  const registry = programOf(state, from.registry);
  const verifier = state.programs[from.verifier];
  const entries = [
    ...agentsOf(registry).map((agent) => agentEntry(to.registry, agent)),
    ...withdrawalsOf(registry).map((withdrawal) => withdrawalEntry(to.registry, withdrawal)),
    ...(verifier === undefined ? [] : executionEntries(to.verifier, verifier)),
  ];
  const paused = [
    ...(isPaused(registry) ? [to.registry] : []),
    ...(verifier !== undefined && isPaused(verifier) ? [to.verifier] : []),
  ];
  return {
    entries,
    paused,
    leftOut: [...leftOutOf(registry), ...(verifier === undefined ? [] : attestations(verifier))],
  };
}

/** Differences that count between a state and what was restored from it. */
export function* restoredDifferences(
  original: AleoState,
  restored: AleoState,
  from: Programs,
  to: Programs,
): Generator<Difference> {
  const ignored: Ignored = (_program, mapping, member) =>
    member === undefined ? !RESTORED.has(mapping) : member === "updated_at";
  for (const difference of differences(original, renamed(restored, to, from), ignored)) {
    // What waited and was claimed leaves a 0, which nobody enters anew.
    if (difference.left !== "0u64" || difference.right !== undefined) yield difference;
  }
}

/** The state under other names of its programs; those without a new name are not in it. */
function renamed(state: AleoState, to: Programs, from: Programs): AleoState {
  const pairs = [
    [from.registry, state.programs[to.registry]],
    [from.verifier, state.programs[to.verifier]],
  ] as const;
  return {
    ...state,
    programs: Object.fromEntries(pairs.flatMap(([id, part]) => (part ? [[id, part]] : []))),
  };
}

function leftOutOf(registry: AleoProgramState): string[] {
  const pot = totalOf(registry, TOTAL.slashPot);
  return [
    ...entriesOf(registry, "slashes").map(
      ([id]) => `slashes[${id}]: propose it again; its agent is not frozen meanwhile`,
    ),
    ...(pot === 0n
      ? []
      : [`totals: the pot of slashed credits, ${pot} microcredits, stays with the old program`]),
  ];
}

function attestations(verifier: AleoProgramState): string[] {
  return entriesOf(verifier, "attestations").map(
    ([agent]) => `attestations[${agent}]: its attestor writes it again`,
  );
}
