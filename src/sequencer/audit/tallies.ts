import type { RefusalCause } from "./causes.ts";

/** Refusals of one kind. */
export interface Tally {
  readonly cause: RefusalCause;
  /** UUID; null for who is nobody's. */
  readonly tenant: string | null;
  /** Credential's prefix or network; `other` for what had no room of its own. */
  readonly source: string;
  count: number;
  /** Milliseconds since the epoch. */
  first: number;
  last: number;
}

/** Source of what is counted together because there were too many kinds. */
export const OTHER = "other";

/**
 * Counts kinds of refusals in a fixed room. Those of strangers have a part of their own, so that they crowd out none that says which
 * credential it was; whatever finds no room is counted by its cause alone.
 */
export class Tallies {
  readonly #rooms: { readonly most: number; readonly tallies: Map<string, Tally> }[];
  readonly #others = new Map<string, Tally>();

  /** @param credentials Kinds of refusals of known credentials. @param strangers Kinds of the others. */
  constructor(credentials: number, strangers: number) {
    this.#rooms = [strangers, credentials].map((most) => ({ most, tallies: new Map() }));
  }

  add({ cause, tenant, source, count, first, last }: Readonly<Tally>): void {
    const room = this.#rooms[tenant === null ? 0 : 1];
    const key = `${cause} ${tenant} ${source}`;
    const own = source === OTHER ? undefined : room?.tallies.get(key);
    const roomy = source !== OTHER && room !== undefined && room.tallies.size < room.most;
    const tally = own ?? (roomy ? undefined : this.#others.get(cause));
    if (tally !== undefined) {
      tally.count += count;
      tally.first = Math.min(tally.first, first);
      tally.last = Math.max(tally.last, last);
    } else if (roomy) room.tallies.set(key, { cause, tenant, source, count, first, last });
    else this.#others.set(cause, { cause, tenant: null, source: OTHER, count, first, last });
  }

  /** Takes everything out, what came most often first. */
  drain(): Tally[] {
    const all = [...this.#rooms.flatMap(({ tallies }) => [...tallies.values()]), ...this.#others.values()];
    for (const { tallies } of this.#rooms) tallies.clear();
    this.#others.clear();
    return all.sort((a, b) => b.count - a.count);
  }
}
