import { isOfNodes } from "../../chain/relay/loop.ts";
import type { RpcPool } from "../../chain/relay/pool.ts";
import { type Heads, readHeads } from "../../chain/relay/reads.ts";
import { RpcFault } from "../../chain/relay/rpc.ts";
import { type BlockHeader, type ChainLog, readHeader, readLogs } from "./chain-reads.ts";

/** A block, told apart from every other. */
export interface BlockPoint {
  readonly number: number;
  readonly hash: string;
}

/** A block that a reorganisation may still undo, and what was told of it. */
export interface SeenBlock extends BlockPoint {
  /** Most blocks it had on top when it was looked at; what becomes final at that depth was told. */
  readonly depth: number;
}

/** How far the chain was followed. Everything that happened up to `final`, and in `window` to its depth, was told. */
export interface ChainState {
  readonly final: BlockPoint;
  /** The blocks after `final`, in order. */
  readonly window: readonly SeenBlock[];
}

/** Something new about one block. */
export interface BlockNews extends BlockPoint {
  readonly logs: readonly ChainLog[];
  /** Unix time, s; undefined where it was not read yet. */
  readonly timestamp: number | undefined;
  /** Blocks on top of it when it was told of before; -1 for one that is new. */
  readonly before: number;
  /** Blocks on top of it now. */
  readonly depth: number;
}

export interface ChainNews {
  /** To be kept once all of this was delivered. */
  readonly state: ChainState;
  /** Blocks with logs, in order. */
  readonly blocks: readonly BlockNews[];
  /** Blocks that were told of and are no longer part of the chain, in order. */
  readonly undone: readonly BlockPoint[];
  /** The newest block a quorum has. */
  readonly tip: BlockHeader;
}

export interface FollowerParts {
  readonly pool: RpcPool;
  /** Lower case. */
  readonly addresses: readonly string[];
  /** Blocks on top of a block that make it final for everybody. */
  readonly depth: number;
  /** Most blocks asked for at once. */
  readonly range: number;
  /** Gets where each endpoint and the quorum says that the chain ends. */
  readonly looked?: (heads: Heads, tip: BlockHeader) => void;
}

/** Of a range that fails, in one round. */
const HALVINGS = 4;

/** What a slow node has once a quorum has answered, ms: one that stalls must not delay every alert. */
const GRACE = 500;

/** The quorum has another block where one was final. */
export class DeepReorganisation extends Error {
  readonly final: BlockPoint;

  constructor(final: BlockPoint) {
    super(`block ${final.number} was final as ${final.hash}, and the chain has another there now`);
    this.name = "DeepReorganisation";
    this.final = final;
  }
}

/** Follows a chain over several nodes; what it tells is what a quorum of them says. Holds nothing that it could not read again. */
export class ChainFollower {
  readonly #parts: FollowerParts;
  /** Logs of the window's blocks by hash. */
  readonly #logs = new Map<string, { header: BlockHeader; logs: readonly ChainLog[] }>();
  #range: number;

  constructor(parts: FollowerParts) {
    this.#parts = parts;
    this.#range = parts.range;
  }

  /** Where to begin without a checkpoint: after the newest final block, or with `block`. @throws RpcFault */
  async begin(block: number | undefined): Promise<ChainState> {
    const tip = await this.#tip();
    const number = Math.max(0, Math.min((block ?? tip.number) - 1, tip.number - this.#parts.depth));
    const { hash } = await this.#header(number);
    return { final: { number, hash }, window: [] };
  }

  /** The newest of some blocks, given newest first, that the chain still has. @throws RpcFault */
  async survivor(points: readonly BlockPoint[]): Promise<BlockPoint | undefined> {
    for (const point of points) if (await this.has(point)) return point;
    return undefined;
  }

  /** Whether a quorum has another block where this one was; undefined while it has none there. @throws RpcFault */
  async lacks({ number, hash }: BlockPoint): Promise<boolean | undefined> {
    const header = await readHeader(this.#parts.pool, number);
    return header === null ? undefined : header.hash !== hash;
  }

  /** Whether a quorum has this block. @throws RpcFault */
  async has({ number, hash }: BlockPoint): Promise<boolean> {
    return (await readHeader(this.#parts.pool, number))?.hash === hash;
  }

  /** Time of a block, s. @throws RpcFault, also when the chain has another block there by now. */
  async timeOf({ number, hash }: BlockPoint): Promise<number> {
    const header = await this.#header(number);
    if (header.hash !== hash) throw moved();
    return header.timestamp;
  }

  /**
   * What is new since a state: a range of blocks while it has to catch up, else the blocks up to the newest.
   *
   * @returns undefined when nothing is.
   * @throws RpcFault while the nodes do not answer alike; DeepReorganisation.
   */
  async next(state: ChainState): Promise<ChainNews | undefined> {
    const tip = await this.#tip();
    const top = state.window.at(-1) ?? state.final;
    // That a quorum ends below what was seen undoes nothing: only another block in its place does.
    if ([state.final, ...state.window].some(({ hash }) => hash === tip.hash)) return undefined;
    // Nodes that are behind say nothing of what was final: what others once agreed on is not undone by that.
    if (tip.number < state.final.number)
      throw new RpcFault(
        "disagreement",
        `a quorum of nodes is behind block ${state.final.number}, which was final`,
      );
    const final = tip.number - this.#parts.depth;
    return final > top.number ? this.#catchUp(state, tip, final) : this.#extend(state, tip);
  }

  /** The highest block whose content a quorum agrees on: one node with a made-up height must not stop the others. */
  async #tip(): Promise<BlockHeader> {
    const { pool, looked } = this.#parts;
    const heads = await readHeads(pool, GRACE);
    if (heads.agreed === undefined) throw new RpcFault("transport", "too few RPC endpoints answer");
    const agreed = heads.agreed;
    const candidates = [...new Set(heads.each)].filter((each) => each !== undefined && each <= agreed);
    let fault: unknown;
    for (const number of candidates.sort((a, b) => Number(b) - Number(a))) {
      try {
        const tip = await this.#header(Number(number));
        looked?.(heads, tip);
        return tip;
      } catch (error) {
        if (!(error instanceof RpcFault)) throw error;
        fault = error;
      }
    }
    throw fault;
  }

  /** Whether the chain, which is longer, has another block there. @throws RpcFault when a quorum does not have that one yet. */
  async #undid(point: BlockPoint): Promise<boolean> {
    const lacks = await this.lacks(point);
    if (lacks === undefined) throw moved();
    return lacks;
  }

  async #header(number: number): Promise<BlockHeader> {
    const header = await readHeader(this.#parts.pool, number);
    if (header === null) throw moved();
    return header;
  }

  /** A range of blocks that are all final. */
  async #catchUp(state: ChainState, tip: BlockHeader, final: number): Promise<ChainNews> {
    const { pool, addresses, depth } = this.#parts;
    if (await this.#undid(state.final)) throw new DeepReorganisation(state.final);
    const from = state.final.number + 1;
    const { to, logs } = await this.#readRange(from, final, (range) => readLogs(pool, addresses, range));
    const end = await this.#header(to);
    const passed = state.window.filter(({ number }) => number <= to);
    const kept = new Map<number, SeenBlock>();
    for (const seen of passed) if (!(await this.#undid(seen))) kept.set(seen.number, seen);
    const blocks = [...byBlock(logs)].map(([number, inBlock]): BlockNews => {
      const hash = inBlock[0]?.blockHash ?? "";
      if (inBlock.some(({ blockHash }) => blockHash !== hash)) throw moved();
      const before = kept.get(number)?.depth ?? -1;
      return { number, hash, logs: inBlock, timestamp: undefined, before, depth: Math.max(depth, before) };
    });
    const undone = passed.filter(({ number }) => !kept.has(number));
    for (const { hash } of passed) this.#logs.delete(hash);
    const window = state.window.filter(({ number }) => number > to);
    return {
      state: { final: { number: to, hash: end.hash }, window },
      blocks,
      undone,
      tip,
    };
  }

  /**
   * Nodes limit a range by blocks or by logs, each in words of its own, and some just fail: whatever fails is tried in halves. Nodes that
   * are gone must not be asked for every length, so a round halves a few times only; the next goes on from there.
   */
  async #readRange<T>(
    from: number,
    final: number,
    read: (range: { from: number; to: number }) => Promise<T>,
  ) {
    for (let halvings = 0; ; halvings++) {
      const to = Math.min(from + this.#range - 1, final);
      try {
        const logs = await read({ from, to });
        this.#range = Math.min(this.#parts.range, this.#range * 2);
        return { to, logs };
      } catch (error) {
        if (!isOfNodes(error)) throw error;
        this.#range = Math.max(1, Math.floor((to - from + 1) / 2));
        if (to === from || halvings === HALVINGS) throw error;
      }
    }
  }

  /** The blocks from the newest one that was seen, and is still there, to the tip. */
  async #extend(state: ChainState, tip: BlockHeader): Promise<ChainNews> {
    const { ancestor, headers } = await this.#walkBack(state, tip);
    const survivors = state.window.filter(({ number }) => number <= ancestor);
    const undone = state.window.filter(({ number }) => number > ancestor);
    const seen = new Map(survivors.map((each) => [each.hash, each]));
    const line = [...survivors, ...headers];
    const blocks: BlockNews[] = [];
    for (const { number, hash } of line) {
      const before = seen.get(hash)?.depth ?? -1;
      const depth = Math.max(before, tip.number - number);
      const { header, logs } = await this.#block(number, hash);
      blocks.push({ number, hash, logs, timestamp: header.timestamp, before, depth });
    }
    const final = blocks.filter(({ depth }) => depth >= this.#parts.depth).at(-1) ?? state.final;
    const window = blocks
      .filter(({ number }) => number > final.number)
      .map(({ number, hash, depth }) => ({ number, hash, depth }));
    this.#forget(new Set(window.map(({ hash }) => hash)));
    this.#askAgain(blocks.filter(({ number, logs }) => number <= final.number && logs.length > 0));
    return {
      state: { final: { number: final.number, hash: final.hash }, window },
      blocks: blocks.filter(({ logs }) => logs.length > 0),
      undone,
      tip,
    };
  }

  /** Headers down from the tip, each the parent of the one before, to the first that was seen. */
  async #walkBack(state: ChainState, tip: BlockHeader) {
    const known = new Map<number, string>(state.window.map(({ number, hash }) => [number, hash]));
    known.set(state.final.number, state.final.hash);
    const headers: BlockHeader[] = [];
    for (let header = tip; known.get(header.number) !== header.hash; ) {
      if (header.number === state.final.number) throw new DeepReorganisation(state.final);
      headers.unshift(header);
      const parent = await this.#header(header.number - 1);
      if (parent.hash !== header.parent) throw moved();
      header = parent;
    }
    return { ancestor: (headers[0]?.number ?? tip.number + 1) - 1, headers };
  }

  async #block(number: number, hash: string) {
    const known = this.#logs.get(hash);
    if (known !== undefined) return known;
    const { pool, addresses } = this.#parts;
    const [header, logs] = await Promise.all([
      this.#header(number),
      readLogs(pool, addresses, { blockHash: hash }),
    ]);
    if (header.hash !== hash) throw moved();
    this.#logs.set(hash, { header, logs });
    return { header, logs };
  }

  /**
   * Asks for the logs of final blocks once more. The quorum's are known; this is for who gave others while they were new: nodes may be
   * slow to find logs, but one that hides those of a final block lies, and is told of.
   */
  #askAgain(blocks: readonly BlockPoint[]): void {
    const { pool, addresses } = this.#parts;
    for (const { number } of blocks)
      readLogs(pool, addresses, { from: number, to: number }).catch(() => undefined);
  }

  #forget(keep: ReadonlySet<string>): void {
    for (const hash of this.#logs.keys()) if (!keep.has(hash)) this.#logs.delete(hash);
  }
}

/** The chain went on while it was read: the next round reads it again. */
function moved(): RpcFault {
  return new RpcFault("disagreement", "the chain changed while it was read");
}

function byBlock(logs: readonly ChainLog[]): Map<number, ChainLog[]> {
  const blocks = new Map<number, ChainLog[]>();
  for (const log of logs) {
    const block = blocks.get(log.block) ?? [];
    block.push(log);
    blocks.set(log.block, block);
  }
  return blocks;
}
