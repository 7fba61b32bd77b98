import { z } from "zod";
import { equalBytes, fromHex, toHex } from "../../core/bytes.ts";
import { appendToLog, type Checkpoint, type LogFrontier, logRoot } from "../../core/log/index.ts";

/** A {@link LogFrontier} in a checkpoint: decimal, and hex of 32 bytes each. */
export interface FrontierState {
  readonly size: string;
  readonly peaks: readonly string[];
}
export const frontierState: z.ZodType<FrontierState> = z.strictObject({
  size: z.string().regex(/^\d+$/),
  peaks: z.array(z.string().regex(/^0x[0-9a-f]{64}$/)),
});

export const frontierOf = ({ size, peaks }: FrontierState): LogFrontier => ({
  size: BigInt(size),
  peaks: peaks.map((peak) => fromHex("peak", peak, 32)),
});

export const stateOf = ({ size, peaks }: LogFrontier): FrontierState => ({
  size: String(size),
  peaks: peaks.map(toHex),
});

/** The tree of the events that were handed out: what the log signs has to be the root of that. */
export class SignedLeaves {
  #frontier: LogFrontier;
  /** Of the events after the frontier, up to the next signed head. */
  #leaves: Uint8Array[] = [];

  constructor(frontier: LogFrontier) {
    this.#frontier = frontier;
  }

  /** Of the events under the last head that held. */
  get frontier(): LogFrontier {
    return this.#frontier;
  }

  /** The event whose leaf is wanted next. */
  get next(): bigint {
    return this.#frontier.size + BigInt(this.#leaves.length) + 1n;
  }

  /** Takes an event's leaf; one that is known already changes nothing. */
  add(sequence: bigint, leaf: Uint8Array): void {
    if (sequence === this.next) this.#leaves.push(leaf);
  }

  /** Whether a head is over the very events that were handed out; undefined while not all of them were. */
  holds(head: Checkpoint): boolean | undefined {
    const more = head.size - this.#frontier.size;
    if (more < 0n || more > BigInt(this.#leaves.length)) return undefined;
    const frontier = appendToLog(this.#frontier, this.#leaves.slice(0, Number(more)));
    if (!equalBytes(logRoot(frontier), head.root)) return false;
    this.#frontier = frontier;
    this.#leaves = this.#leaves.slice(Number(more));
    return true;
  }
}
