import { z } from "zod";
import { CheckError } from "../../core/errors.ts";
import type { Alert, Alerts } from "../alerts/index.ts";
import { type LogSource, type Rule, runbookOf } from "../monitors/rule.ts";
import type { CheckpointFile } from "./checkpoint.ts";

/** An event of the log, as far as rules care. */
export interface LogEntry {
  readonly sequence: bigint;
  readonly id: string;
  readonly type: string;
  /** UUID of the agent that signed it. */
  readonly agent: string;
  /** When it was made, by its agent; RFC 3339. */
  readonly time: string;
}

/** One stream of the log, read with a credential of its own. */
export interface LogReader {
  readonly tenant: string;
  readonly store: string;
  /** Sequence number of the newest event, 0 without any. @throws UnavailableError */
  head(): Promise<bigint>;
  /** The events there are from one on, in order. @throws CheckError when one is left out; UnavailableError */
  events(from: bigint, signal: AbortSignal): AsyncIterable<LogEntry>;
}

/** How far a stream was followed: everything up to this event was told. */
export interface LogState {
  /** Decimal. */
  readonly sequence: string;
}
export const logState: z.ZodType<LogState> = z.strictObject({ sequence: z.string().regex(/^\d+$/) });

export interface LogWatchParts {
  readonly reader: LogReader;
  readonly rules: readonly Rule[];
  readonly alerts: Pick<Alerts, "raise">;
  readonly checkpoint: CheckpointFile<LogState>;
  /** First event that is told of without a checkpoint; the next to come without it. */
  readonly fromSequence: bigint | undefined;
  readonly now: () => number;
}

/** Events read between two checkpoints. */
const BATCH = 500;

/** Turns the events of a stream of the log into alerts. A log takes nothing back, so each is final. */
export class LogWatch {
  readonly #parts: LogWatchParts;
  #state: LogState | undefined;

  constructor(parts: LogWatchParts) {
    this.#parts = parts;
    this.#state = parts.checkpoint.last;
  }

  get sequence(): bigint | undefined {
    return this.#state === undefined ? undefined : BigInt(this.#state.sequence);
  }

  /**
   * Delivers every event there is.
   *
   * @throws what the reader throws; what was delivered before is kept. CheckError for a log that lacks what was told of.
   */
  async round(stop: AbortSignal): Promise<void> {
    const { reader, fromSequence } = this.#parts;
    if (this.#state === undefined)
      this.#keep(fromSequence === undefined ? await reader.head() : fromSequence - 1n);
    let batch: LogEntry[] = [];
    for await (const entry of reader.events((this.sequence ?? 0n) + 1n, stop)) {
      batch.push(entry);
      if (batch.length < BATCH) continue;
      await this.#deliver(batch);
      batch = [];
      if (stop.aborted) return;
    }
    if (batch.length > 0 || stop.aborted) await this.#deliver(batch);
    else await this.#requireKept();
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

  async #deliver(batch: readonly LogEntry[]): Promise<void> {
    const last = batch.at(-1);
    if (last === undefined) return;
    const told = batch.flatMap((entry) => this.#judge(entry));
    if (told.length > 0) await this.#parts.alerts.raise(told);
    this.#keep(last.sequence);
  }

  #keep(sequence: bigint): void {
    const state = { sequence: String(sequence) };
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
