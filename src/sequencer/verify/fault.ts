import { ProofXError } from "../../core/errors.ts";

/** What of a log an entry is. */
export type EntryKind = "stream" | "event" | "key" | "tile" | "checkpoint" | "batch" | "anchor";

/** The first entry that does not hold, and what of it. */
export interface Fault {
  /** 0x hex. */
  readonly stream: string;
  readonly kind: EntryKind;
  /** Sequence number of an event, size of a checkpoint, index of a batch, `level/index` of a tile, `agent/key id` of a key. */
  readonly entry: string;
  /** The column, or what was compared. */
  readonly field: string;
  readonly detail: string;
}

/** Ends a check at the first entry that does not hold. It is an answer and no error of the check. */
export class FaultFound extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(describeFault(fault));
    this.name = "FaultFound";
    this.fault = fault;
  }
}

/** A fault in one sentence. */
export function describeFault({ stream, kind, entry, field, detail }: Fault): string {
  return `stream ${stream}, ${kind} ${entry}, ${field}: ${detail}`;
}

/** Names the faults of one entry. */
export class EntryCheck {
  readonly #place: Pick<Fault, "stream" | "kind" | "entry">;

  constructor(stream: string, kind: EntryKind, entry: string | bigint) {
    this.#place = { stream, kind, entry: String(entry) };
  }

  /** @throws FaultFound always. */
  fault(field: string, detail: string): never {
    throw new FaultFound({ ...this.#place, field, detail });
  }

  require(holds: boolean, field: string, detail: string): void {
    if (!holds) this.fault(field, detail);
  }

  /** Runs a check of ours: what it throws on purpose, or because a value has no encoding, is a fault of this entry. */
  run<T>(field: string, check: () => T): T {
    try {
      return check();
    } catch (error) {
      if (error instanceof FaultFound) throw error;
      if (error instanceof ProofXError || error instanceof RangeError || error instanceof SyntaxError)
        return this.fault(field, error.message);
      throw error;
    }
  }
}
