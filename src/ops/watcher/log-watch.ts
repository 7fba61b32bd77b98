import { z } from "zod";
import { equalBytes } from "../../core/bytes.ts";
import { CheckError } from "../../core/errors.ts";
import {
  type Checkpoint,
  EMPTY_LOG,
  ForkError,
  type LogFrontier,
  noteText,
  type OpenedCheckpoint,
  parseCheckpoint,
  parseNote,
} from "../../core/log/index.ts";
import type { Alert, Alerts } from "../alerts/index.ts";
import { type LogSource, type Rule, runbookOf } from "../monitors/rule.ts";
import type { CheckpointFile } from "./checkpoint.ts";
import { inBatches } from "./in-batches.ts";
import { forkAlert } from "./log-fork.ts";
import { type FrontierState, frontierOf, frontierState, SignedLeaves, stateOf } from "./signed-leaves.ts";

/** An event of the log, as far as rules care. */
export interface LogEntry {
  readonly sequence: bigint;
  readonly id: string;
  readonly type: string;
  /** UUID of the agent that signed it. */
  readonly agent: string;
  /** When it was made, by its agent; RFC 3339. */
  readonly time: string;
  /** What stands for it in the log's tree; 32 bytes. */
  readonly leaf: Uint8Array;
}

/** One stream of the log, read with a credential of its own. */
export interface LogReader {
  readonly tenant: string;
  readonly store: string;
  /** Sequence number of the newest event, 0 without any. @throws UnavailableError */
  head(): Promise<bigint>;
  /** The events there are from one on, in order. @throws CheckError when one is left out; UnavailableError */
  events(from: bigint, signal: AbortSignal): AsyncIterable<LogEntry>;
  /**
   * The events from one on, also those to come, until the signal is aborted.
   *
   * @throws CheckError when one is left out; UnavailableError when the connection is cut and no other can be made; the signal's reason.
   */
  tail(from: bigint, signal: AbortSignal): AsyncIterable<LogEntry>;
  /**
   * The newest head that the log signed; undefined while there is none.
   *
   * @param since One that was seen before.
   * @throws ForkError when the log does not continue `since`; CheckError for one it did not sign; UnavailableError
   */
  checkpoint(since: Checkpoint | undefined, signal: AbortSignal): Promise<OpenedCheckpoint | undefined>;
  /** The tree under the newest signed head, proved by it; undefined while there is none, or it does not stand still. */
  frontier(signal: AbortSignal): Promise<LogFrontier | undefined>;
}

/** How far a stream was followed: everything up to this event was told. */
export interface LogState {
  /** Decimal. */
  readonly sequence: string;
  /** The newest signed head that was seen: a signed note. */
  readonly head?: string | undefined;
  /** The tree of what was handed out, up to a head that signed the same. */
  readonly frontier?: FrontierState | undefined;
}
export const logState: z.ZodType<LogState> = z.strictObject({
  sequence: z.string().regex(/^\d+$/),
  head: z.string().optional(),
  frontier: frontierState.optional(),
});

export interface LogWatchParts {
  readonly reader: LogReader;
  readonly rules: readonly Rule[];
  readonly alerts: Pick<Alerts, "raise">;
  readonly checkpoint: CheckpointFile<LogState>;
  /** First event that is told of without a checkpoint; the next to come without it. */
  readonly fromSequence: bigint | undefined;
  /** Where the proof of a fork is kept. */
  readonly folder: string;
  /** Milliseconds for which a round that has caught up stays with the stream as it grows; 0: none. */
  readonly stay: number;
  /** Told of events that were delivered, and how they were read. */
  readonly delivered?: (events: number, way: LogWay) => void;
  /** Told why the stream cannot be stayed with; it is read in rounds then. */
  readonly broke?: (error: unknown) => void;
  readonly now: () => number;
}

/** In rounds, or as they come. */
export type LogWay = "pages" | "tail";

/** Most events between two checkpoints. */
const BATCH = 500;

/** Turns the events of a stream of the log into alerts. A log takes nothing back, so each is final. */
export class LogWatch {
  readonly #parts: LogWatchParts;
  #state: LogState | undefined;
  /** Whether the stream could not be stayed with the last time. */
  #broken = false;
  /** What the log's heads have to be the roots of; undefined until it is known from where on. */
  #leaves: SignedLeaves | undefined;
  /** The newest head, while not all that it is over was read. */
  #ahead: OpenedCheckpoint | undefined;

  constructor(parts: LogWatchParts) {
    this.#parts = parts;
    this.#state = parts.checkpoint.last;
  }

  get sequence(): bigint | undefined {
    return this.#state === undefined ? undefined : BigInt(this.#state.sequence);
  }

  /**
   * Delivers every event there is, sees whether the log's newest head continues the one seen before, and stays with the stream for a
   * while: what comes is delivered at once.
   *
   * @returns Whether it stayed, so that the next round may begin at once.
   * @throws what the reader throws; what was delivered before is kept. CheckError for a log that lacks what was told of.
   */
  async round(stop: AbortSignal): Promise<boolean> {
    const { reader, fromSequence } = this.#parts;
    if (this.#state === undefined) {
      const sequence = fromSequence === undefined ? await reader.head() : fromSequence - 1n;
      const frontier = sequence === 0n ? { frontier: stateOf(EMPTY_LOG) } : {};
      this.#keep({ sequence: String(sequence), ...frontier });
    }
    await this.#catchUp(stop);
    if (stop.aborted) return false;
    await this.#checkHead(stop);
    return this.#stay(stop);
  }

  get #next(): bigint {
    return (this.sequence ?? 0n) + 1n;
  }

  async #catchUp(stop: AbortSignal): Promise<void> {
    const { reader } = this.#parts;
    const before = this.sequence;
    const pages = (signal: AbortSignal) => reader.events(this.#next, signal);
    for await (const batch of inBatches(pages, BATCH, stop)) {
      await this.#deliver(batch, "pages");
      if (stop.aborted) return;
    }
    if (before === this.sequence) await this.#requireKept();
  }

  /** A cut is no failure: the next round reads what came in the meantime, and stays again where it can. */
  async #stay(stop: AbortSignal): Promise<boolean> {
    const { reader, stay, broke } = this.#parts;
    if (stay === 0) return false;
    const end = AbortSignal.any([stop, AbortSignal.timeout(stay)]);
    let cut = false;
    let fault: unknown;
    const comes = async function* (from: bigint) {
      try {
        yield* inBatches((signal) => reader.tail(from, signal), BATCH, end);
      } catch (error) {
        if (end.aborted) return;
        cut = true;
        fault = error;
      }
    };
    for await (const batch of comes(this.#next)) await this.#deliver(batch, "tail");
    // Once for each time that it breaks, not for each round until it holds.
    if (cut && !this.#broken) broke?.(fault);
    this.#broken = cut;
    return !cut;
  }

  /** The log has to continue what it signed before: what it tells others is the witnesses' matter, what it tells us is ours. */
  async #checkHead(stop: AbortSignal): Promise<void> {
    const { reader, alerts, folder, now } = this.#parts;
    const { head: before } = this.#seen;
    const since = before === undefined ? undefined : parseCheckpoint(parseNote(before).text);
    let head: OpenedCheckpoint | undefined;
    try {
      head = await reader.checkpoint(since, stop);
    } catch (error) {
      if (!(error instanceof ForkError) || before === undefined) throw error;
      const { message: why, after } = error;
      const { tenant, store } = reader;
      await alerts.raise([forkAlert(folder, { tenant, store, why, before, after, at: now() })]);
      head = after;
    }
    if (head === undefined && since !== undefined)
      throw new CheckError(`the log has no head any more, and one of ${since.size} events was there`, {
        next: "find out why it lacks what was acknowledged; to follow it anew, remove the checkpoint",
      });
    if (head === undefined) return;
    if (since === undefined || !isSame(head, since)) this.#keep({ ...this.#seen, head: noteText(head.note) });
    this.#leaves ??= await this.#beginLeaves(stop);
    await this.#checkLeaves(head);
  }

  /** What it signed has to be what it handed out: nobody else may see other events under the same head. */
  async #checkLeaves(head: OpenedCheckpoint): Promise<void> {
    const { reader, alerts, folder, now } = this.#parts;
    if (this.#leaves === undefined) return;
    // A busy log's newest head is over events that are still to be read.
    this.#ahead = head.size < this.#leaves.next ? undefined : head;
    if (this.#ahead !== undefined) return;
    const before = this.#leaves.frontier;
    const holds = this.#leaves.holds(head);
    const frontier = stateOf(this.#leaves.frontier);
    if (holds === true && this.#seen.frontier?.size !== frontier.size)
      this.#keep({ ...this.#seen, frontier });
    if (holds !== false) return;
    const { tenant, store } = reader;
    const why = `the head that it signed over ${head.size} events is not of those that it handed out after event ${before.size}`;
    const fork = { tenant, store, why, before: JSON.stringify(stateOf(before)), after: head, at: now() };
    await alerts.raise([forkAlert(folder, fork)]);
    // From here on it is held to what it signs now.
    this.#leaves = undefined;
    const { frontier: _contradicted, ...kept } = this.#seen;
    this.#keep(kept);
  }

  /** Reads leaves again that were handed out since the last head that held: they were told of, and are not kept. */
  async #beginLeaves(stop: AbortSignal): Promise<SignedLeaves | undefined> {
    const { reader } = this.#parts;
    const { sequence, frontier: kept } = this.#seen;
    const last = BigInt(sequence);
    const frontier = kept === undefined ? await reader.frontier(stop) : frontierOf(kept);
    if (frontier === undefined) return undefined;
    const leaves = new SignedLeaves(frontier);
    if (leaves.next > last) return leaves;
    for await (const entry of reader.events(leaves.next, stop)) {
      leaves.add(entry.sequence, entry.leaf);
      if (entry.sequence >= last) break;
    }
    return leaves;
  }

  get #seen(): LogState {
    return this.#state ?? { sequence: "0" };
  }

  /** A log that was set back has no news until it is as long again, and what comes until then would never be told. */
  async #requireKept(): Promise<void> {
    const { reader } = this.#parts;
    const [head, seen] = [await reader.head(), this.sequence ?? 0n];
    if (head < seen)
      throw new CheckError(`the log ends at event ${head}, and event ${seen} was there: it was set back`, {
        next: "find out why it lacks events that were acknowledged; to follow it from its new end, remove the checkpoint",
      });
  }

  async #deliver(batch: readonly LogEntry[], way: LogWay): Promise<void> {
    const last = batch.at(-1);
    if (last === undefined) return;
    const told = batch.flatMap((entry) => this.#judge(entry));
    if (told.length > 0) await this.#parts.alerts.raise(told);
    this.#keep({ ...this.#state, sequence: String(last.sequence) });
    for (const { sequence, leaf } of batch) this.#leaves?.add(sequence, leaf);
    if (this.#ahead !== undefined) await this.#checkLeaves(this.#ahead);
    this.#parts.delivered?.(batch.length, way);
  }

  #keep(state: LogState): void {
    this.#parts.checkpoint.write(state, this.#parts.now());
    this.#state = state;
  }

  #judge(entry: LogEntry): Alert[] {
    const { rules, reader } = this.#parts;
    return rules
      .filter(({ source }) => source.kind === "log" && concerns(source, entry.type))
      .map((rule) => alertOf(rule, reader, entry));
  }
}

const isSame = (a: Checkpoint, b: Checkpoint): boolean => a.size === b.size && equalBytes(a.root, b.root);

/** `proofx.incident.*` stands for all types that begin so. */
function concerns({ eventTypes }: LogSource, type: string): boolean {
  return eventTypes.some((each) => (each.endsWith("*") ? type.startsWith(each.slice(0, -1)) : type === each));
}

function alertOf(rule: Rule, { tenant, store }: LogReader, entry: LogEntry): Alert {
  const { sequence, id, type, agent, time } = entry;
  return {
    key: `${rule.id}/log/${store}/${sequence}`,
    rule: rule.id,
    severity: rule.severity,
    phase: "open",
    summary: `${rule.title}: ${type}, event ${sequence} of store ${store}, by agent ${agent}`,
    since: time,
    labels: { tenant, store, type },
    details: { sequence: String(sequence), event: id, agent },
    runbook: runbookOf(rule),
  };
}
