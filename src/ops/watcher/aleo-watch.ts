import { z } from "zod";
import { type ObservedTransaction, observe } from "../../aleo/activity.ts";
import { type Block, heightOf, timeOf } from "../../aleo/block.ts";
import { CheckError } from "../../core/errors.ts";
import type { Alert, Alerts } from "../alerts/index.ts";
import { type AleoSource, type Rule, runbookOf } from "../monitors/rule.ts";
import type { CheckpointFile } from "./checkpoint.ts";

/** Where blocks come from: `AleoLedger`. */
export interface AleoBlocks {
  latestBlock(): Promise<Block>;
  /** Both ends included. */
  blocks(first: number, last: number): AsyncIterable<Block>;
}

/** The last block that was told of. */
export interface AleoState {
  readonly height: number;
  readonly hash: string;
}
export const aleoState: z.ZodType<AleoState> = z.strictObject({
  height: z.int().min(0),
  hash: z.string().min(1),
});

export interface AleoWatchParts {
  readonly ledger: AleoBlocks;
  /** Programs that are followed, e.g. `agent_registry_v3.aleo`. */
  readonly programs: readonly string[];
  readonly rules: readonly Rule[];
  readonly alerts: Pick<Alerts, "raise">;
  readonly checkpoint: CheckpointFile<AleoState>;
  readonly now: () => number;
}

/** Blocks read between two checkpoints. */
const BATCH = 200;

/** Turns calls of our Aleo programs into alerts. A block of Aleo is final, and has the hash of the one before. */
export class AleoWatch {
  readonly #parts: AleoWatchParts;
  readonly #rules: readonly (Rule & { source: AleoSource })[];
  #state: AleoState | undefined;

  constructor(parts: AleoWatchParts) {
    this.#parts = parts;
    this.#rules = parts.rules.filter(
      (rule): rule is Rule & { source: AleoSource } => rule.source.kind === "aleo",
    );
    this.#state = parts.checkpoint.last;
  }

  get height(): number | undefined {
    return this.#state?.height;
  }

  /**
   * Delivers every block up to the newest; without a checkpoint it begins after that.
   *
   * @throws UnavailableError while the node does not answer; CheckError when its blocks do not follow on those that were seen.
   */
  async round(stop: AbortSignal): Promise<void> {
    const newest = await this.#parts.ledger.latestBlock();
    this.#state ??= this.#keep(newest);
    while (!stop.aborted && this.#state.height < heightOf(newest)) {
      const first = this.#state.height + 1;
      this.#state = await this.#deliver(this.#state, first, Math.min(first + BATCH - 1, heightOf(newest)));
    }
  }

  async #deliver(state: AleoState, first: number, last: number): Promise<AleoState> {
    const { ledger, programs, alerts } = this.#parts;
    const told: Alert[] = [];
    let previous: Block | undefined;
    for await (const block of ledger.blocks(first, last)) {
      if (block.previous_hash !== (previous?.block_hash ?? state.hash))
        throw new CheckError(
          `Aleo's block ${heightOf(block)} does not follow on the one that was seen before`,
          {
            next: "the node lies or is of another ledger; on a new development ledger remove aleo.checkpoint",
          },
        );
      for (const transaction of observe(block, programs))
        told.push(...this.#judge(transaction, timeOf(block)));
      previous = block;
    }
    if (told.length > 0) await alerts.raise(told);
    return previous === undefined ? state : this.#keep(previous);
  }

  #keep(block: Block): AleoState {
    const state = { height: heightOf(block), hash: block.block_hash };
    this.#parts.checkpoint.write(state, this.#parts.now());
    return state;
  }

  #judge(transaction: ObservedTransaction, time: number): Alert[] {
    if (!transaction.accepted) return [];
    return this.#rules.flatMap((rule) =>
      transaction.calls
        .filter((call) => rule.source.functions.includes(call.function))
        .map((call, count) => alertOf(rule, transaction, call, { count, time })),
    );
  }
}

function alertOf(
  rule: Rule,
  { id, height, payer }: ObservedTransaction,
  call: ObservedTransaction["calls"][number],
  { count, time }: { readonly count: number; readonly time: number },
): Alert {
  const by = payer === undefined ? "" : `, by ${payer}`;
  return {
    key: `${rule.id}/aleo/${id}/${count}`,
    rule: rule.id,
    severity: rule.severity,
    phase: "open",
    summary: `${rule.title}: ${call.program}/${call.function}${by} (Aleo, block ${height})`,
    since: new Date(time * 1000).toISOString(),
    labels: { chain: "aleo", program: call.program, function: call.function },
    details: { transaction: id, block: String(height), ...(payer === undefined ? {} : { payer }) },
    runbook: runbookOf(rule),
  };
}
