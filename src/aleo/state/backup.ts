import { CheckError, UnavailableError } from "../../core/errors.ts";
import type { AleoLedger } from "../ledger.ts";
import { type Plaintext, parsePlaintext } from "../replay/plaintext.ts";
import { loadSdk } from "../sdk.ts";
import { describeDifference, differences } from "./compare.ts";
import { Follower, type ReconstructOptions } from "./reconstruct.ts";
import type { AleoState } from "./state-file.ts";

/** How often the values are read again when our programs changed meanwhile. */
const TRIES = 8;
/** Requests under way at once. */
const AT_ONCE = 8;

/** A backup, with what a person may want to know of how it was had. */
export interface Backup {
  readonly state: AleoState;
  /** Source of each program. */
  readonly sources: ReadonlyMap<string, string>;
  /** How often the values were read. */
  readonly readings: number;
}

/**
 * The live state of programs after one block: the keys are found by replaying the blocks (a ledger does not list them),
 * the values are asked for, and both must agree.
 *
 * Values are asked for one by one while the ledger goes on. Once all are in, the blocks since are replayed: when none of them
 * changed our programs, every value is that of the last block; otherwise all are read again.
 *
 * @throws CheckError naming the first entry in which ledger and replay differ.
 * @throws UnavailableError when the programs change faster than they can be read.
 */
export async function backup(options: Omit<ReconstructOptions, "to">): Promise<Backup> {
  const { ledger, note = () => {} } = options;
  const follower = await Follower.open(options);
  let { state } = await follower.follow(await ledger.height());
  for (let reading = 1; reading <= TRIES; reading += 1) {
    const before = follower.counts.accepted;
    const live = await readLive(ledger, state);
    const now = await follower.follow(await ledger.height());
    const moved = follower.counts.accepted !== before;
    const { height, block_hash } = now.state;
    if (!moved) {
      requireEqual(live, state);
      return {
        state: { ...live, origin: "ledger", height, block_hash },
        sources: follower.sources,
        readings: reading,
      };
    }
    note(`The programs changed until block ${height}; reading their values again`);
    state = now.state;
  }
  throw new UnavailableError(`the programs changed during each of ${TRIES} readings`, {
    next: "Pause them first (npx hardhat aleo pause), or take what the blocks say: npx hardhat aleo state reconstruct",
  });
}

/** The same entries with the values that the ledger has now, and the credits its programs hold. */
export async function readLive(ledger: AleoLedger, state: AleoState): Promise<AleoState> {
  const { Address } = await loadSdk(ledger.address.network);
  const programs: AleoState["programs"] = {};
  for (const [id, program] of Object.entries(state.programs)) {
    const mappings: Record<string, Record<string, Plaintext>> = {};
    for (const [mapping, entries] of Object.entries(program.mappings)) {
      const values = await inTurns(Object.keys(entries), async (key) => {
        const value = await ledger.mapping(id, mapping, key);
        return value === undefined ? undefined : ([key, parsePlaintext(value)] as const);
      });
      mappings[mapping] = Object.fromEntries(values.filter((value) => value !== undefined));
    }
    const balance = String(await ledger.balance(Address.fromProgramId(id).to_string()));
    programs[id] = { ...program, balance, mappings };
  }
  return { ...state, programs };
}

function requireEqual(live: AleoState, replayed: AleoState): void {
  const [first] = differences(live, replayed);
  if (first === undefined) return;
  throw new CheckError(
    `the ledger's values are not what its blocks make: ${describeDifference(first, ["the ledger", "the replay"])}`,
    {
      next: "Ask another node (--ledger); if it says the same, the replay has a fault: keep both states and report it",
    },
  );
}

async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(work))));
  }
  return results;
}
