import { z } from "zod";
import { hexTextField } from "../../chain/fields.ts";
import type { Alert, AlertPhase, Alerts } from "../alerts/index.ts";
import {
  type BlockNews,
  type BlockPoint,
  type ChainFollower,
  type ChainNews,
  type ChainState,
  DeepReorganisation,
} from "./chain-follower.ts";
import type { BlockHeader } from "./chain-reads.ts";
import type { CheckpointFile } from "./checkpoint.ts";
import { alertOf, type Judge, type Match, type SeenEvent } from "./judge.ts";

const point = { number: z.int().min(0), hash: hexTextField(32) };

/** {@link ChainState} in a checkpoint. */
export const chainState: z.ZodType<ChainState> = z.strictObject({
  final: z.strictObject(point),
  window: z.array(z.strictObject({ ...point, depth: z.int().min(0) })),
});

/** What happens, for metrics and the log. */
export interface ChainWatchEvents {
  /** A step was delivered and kept. */
  advanced(tip: BlockHeader, state: ChainState, blocks: number): void;
  /** An event of a followed contract, once for each block that has it. */
  saw(event: SeenEvent): void;
  /** Blocks from this one on are no longer part of the chain. */
  reorganised(from: number, final: boolean): void;
}

export interface ChainWatchParts {
  readonly chainId: string;
  readonly follower: ChainFollower;
  readonly judge: Judge;
  readonly alerts: Pick<Alerts, "raise" | "active">;
  readonly checkpoint: CheckpointFile<ChainState>;
  /** Blocks on top of an event's own, where its rule does not say. */
  readonly confirmations: number;
  /** Where to begin without a checkpoint; at the newest final block without it. */
  readonly fromBlock: number | undefined;
  readonly events: ChainWatchEvents;
  readonly now: () => number;
}

/** Reading times of blocks; more at once would burden the nodes. */
const READS_AT_ONCE = 8;

/** Turns what happens on a chain into alerts: first raised, then kept as done. */
export class ChainWatch {
  readonly #parts: ChainWatchParts;
  #state: ChainState | undefined;
  /** From this block on a crash may have left alerts of blocks that are gone. */
  #unsureFrom: number | undefined;

  constructor(parts: ChainWatchParts) {
    this.#parts = parts;
    this.#state = parts.checkpoint.last;
    if (this.#state !== undefined) this.#unsureFrom = this.#state.final.number + 1;
  }

  get state(): ChainState | undefined {
    return this.#state;
  }

  /**
   * Delivers everything up to the newest block.
   *
   * @throws RpcFault while the nodes do not answer alike; what was delivered before is kept.
   */
  async round(stop: AbortSignal): Promise<void> {
    this.#state ??= await this.#begin();
    if (this.#unsureFrom !== undefined) await this.#retractFrom(this.#unsureFrom);
    while (!stop.aborted) {
      const news = await this.#next(this.#state);
      if (news === undefined) return;
      await this.#deliver(news);
    }
  }

  async #retractFrom(block: number): Promise<void> {
    this.#unsureFrom = block;
    const { orphans, unknown } = await this.#orphans(block, new Set(), []);
    if (orphans.length > 0) await this.#parts.alerts.raise(orphans);
    // Nodes that are behind do not have every block yet: the next round asks again.
    if (!unknown) this.#unsureFrom = undefined;
  }

  async #begin(): Promise<ChainState> {
    const { follower, fromBlock, checkpoint, now } = this.#parts;
    const state = await follower.begin(fromBlock);
    checkpoint.write(state, now());
    return state;
  }

  async #next(state: ChainState): Promise<ChainNews | undefined> {
    const { follower, events } = this.#parts;
    try {
      return await follower.next(state);
    } catch (error) {
      if (!(error instanceof DeepReorganisation)) throw error;
      events.reorganised(error.final.number, true);
      const survivor = await this.#survivor();
      await this.#retractFrom(survivor.number + 1);
      this.#state = { final: survivor, window: [] };
      return follower.next(this.#state);
    }
  }

  /** The newest block known to be final that still is. When none of the kept checkpoints' is, everything is told again. */
  async #survivor() {
    const { follower, checkpoint, fromBlock } = this.#parts;
    const kept = checkpoint.states().map(({ final }) => final);
    const survivor = await follower.survivor(kept);
    return survivor ?? (await follower.begin(fromBlock ?? 1)).final;
  }

  async #deliver(news: ChainNews): Promise<void> {
    const { alerts, checkpoint, events, now } = this.#parts;
    const told: Alert[] = [];
    const keys = new Set<string>();
    const pieces = await inTurns(news.blocks, (block) => this.#told(block));
    for (const { alerts: ofBlock, matches, seen } of pieces) {
      for (const { key } of matches) keys.add(key);
      for (const event of seen) events.saw(event);
      told.push(...ofBlock);
    }
    const [undone] = news.undone;
    if (undone !== undefined) {
      events.reorganised(undone.number, false);
      const { orphans, unknown } = await this.#orphans(undone.number, keys, news.undone);
      told.unshift(...orphans);
      if (unknown) this.#unsureFrom = undone.number;
    }
    if (told.length > 0) await alerts.raise(told);
    checkpoint.write(news.state, now());
    this.#state = news.state;
    events.advanced(news.tip, news.state, news.blocks.length);
  }

  /** What is to be told of a block: early for what is urgent, and once more when it is final. */
  async #told(
    block: BlockNews,
  ): Promise<{ alerts: Alert[]; matches: readonly Match[]; seen: readonly SeenEvent[] }> {
    const { judge, follower, confirmations } = this.#parts;
    const { matches, events } = judge.judge(block.logs);
    const due = matches.flatMap((match): { match: Match; phase: AlertPhase }[] => {
      const needed = match.rule.confirmations ?? confirmations;
      if (block.depth >= needed) return block.before >= needed ? [] : [{ match, phase: "open" }];
      return block.before < 0 && isUrgent(match) ? [{ match, phase: "unconfirmed" }] : [];
    });
    const seen = block.before < 0 ? events : [];
    if (due.length === 0) return { alerts: [], matches, seen };
    const time = block.timestamp ?? (await follower.timeOf(block));
    return { alerts: due.map(({ match, phase }) => alertOf(match, phase, time)), matches, seen };
  }

  /**
   * Active alerts whose block the chain does not have any more, from a block on.
   *
   * @param undone Blocks that are known to be gone: nodes may have none at such a height, and then say nothing of it.
   * @returns Also whether of some alert's block it is not known yet.
   */
  async #orphans(
    from: number,
    keep: ReadonlySet<string>,
    undone: readonly BlockPoint[],
  ): Promise<{ readonly orphans: Alert[]; readonly unknown: boolean }> {
    const { alerts, follower, chainId } = this.#parts;
    const gone = new Map<string, boolean | undefined>(undone.map(({ hash }) => [hash, true]));
    const orphans: Alert[] = [];
    let unknown = false;
    for (const alert of alerts.active()) {
      const { block, blockHash, chainId: of } = alert.details;
      if (of !== chainId || block === undefined || blockHash === undefined || keep.has(alert.key)) continue;
      if (Number(block) < from) continue;
      if (!gone.has(blockHash))
        gone.set(blockHash, await follower.lacks({ number: Number(block), hash: blockHash }));
      if (gone.get(blockHash) === true) orphans.push({ ...alert, phase: "retracted" });
      else unknown ||= gone.get(blockHash) === undefined;
    }
    return { orphans, unknown };
  }
}

function isUrgent({ rule }: Match): boolean {
  return rule.severity === "critical" || rule.severity === "high";
}

async function inTurns<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += READS_AT_ONCE)
    results.push(...(await Promise.all(items.slice(from, from + READS_AT_ONCE).map(act))));
  return results;
}
