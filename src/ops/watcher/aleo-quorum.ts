import { setTimeout as sleep } from "node:timers/promises";
import { observe } from "../../aleo/activity.ts";
import { type Block, heightOf, timeOf } from "../../aleo/block.ts";
import { UnavailableError } from "../../core/errors.ts";
import type { AleoBlocks } from "./aleo-watch.ts";
import type { Endpoints } from "./endpoints.ts";

export interface AleoQuorumParts {
  /** Nodes of different operators, in the order of the configuration. */
  readonly nodes: readonly AleoBlocks[];
  /** How many have to say the same. */
  readonly quorum: number;
  /** Programs that are followed: what blocks say of these is compared, and their hashes. */
  readonly programs: readonly string[];
  readonly endpoints: Endpoints;
}

/** Blocks asked for at once, as nodes give them. */
const PART = 50;
/** What a slow node has once a quorum has answered, ms. */
const GRACE = 500;

/**
 * Several nodes of Aleo as one: a block is what a quorum of them says alike. A block of Aleo is final when it is there, so whoever
 * says something else of one that the quorum has lies.
 */
export class AleoQuorum implements AleoBlocks {
  readonly #parts: AleoQuorumParts;

  constructor(parts: AleoQuorumParts) {
    this.#parts = parts;
  }

  /** The newest block that a quorum has, alike. @throws UnavailableError while they have none. */
  async latestBlock(): Promise<Block> {
    const { endpoints, quorum } = this.#parts;
    const each = await this.#heights();
    const known = each.filter((height) => height !== undefined).sort((a, b) => b - a);
    const agreed = known[quorum - 1];
    if (agreed === undefined) throw new UnavailableError("too few Aleo nodes answer");
    let fault: unknown;
    for (const height of new Set(known.filter((one) => one <= agreed))) {
      try {
        const [block] = await this.#alike(height, height);
        if (block === undefined) continue;
        endpoints.looked({ agreed, each }, height, 0, new Map());
        return block;
      } catch (error) {
        fault = error;
      }
    }
    throw fault;
  }

  async *blocks(first: number, last: number): AsyncGenerator<Block> {
    for (let from = first; from <= last; from += PART)
      yield* await this.#alike(from, Math.min(from + PART - 1, last));
  }

  /** Where each node says that the ledger ends; who stalls is not waited for once enough have answered. */
  async #heights(): Promise<(number | undefined)[]> {
    const { nodes, quorum } = this.#parts;
    const heights: (number | undefined)[] = nodes.map(() => undefined);
    const enough = Promise.withResolvers<void>();
    let answers = 0;
    const asked = nodes.map(async (node, index) => {
      const block = await node.latestBlock().catch(() => undefined);
      if (block === undefined) return;
      heights[index] = heightOf(block);
      answers += 1;
      if (answers >= quorum) enough.resolve();
    });
    const inTime = enough.promise.then(() => sleep(GRACE, undefined, { ref: false }));
    await Promise.race([Promise.all(asked), inTime]);
    return [...heights];
  }

  /** Blocks, both ends included, as a quorum has them. */
  async #alike(first: number, last: number): Promise<readonly Block[]> {
    const { nodes, quorum, endpoints } = this.#parts;
    const given = nodes.map((node) => this.#read(node, first, last));
    const counts = new Map<string, number>();
    const asked = given.map(async (one) => {
      const answer = await one;
      const count = (counts.get(answer.says) ?? 0) + 1;
      counts.set(answer.says, count);
      return count >= quorum ? answer : Promise.reject(new Error("not yet enough"));
    });
    const agreed = await Promise.any(asked).catch(() => undefined);
    if (agreed === undefined)
      throw new UnavailableError(
        counts.size > 1
          ? `Aleo nodes disagree on the blocks ${first} to ${last}`
          : `too few Aleo nodes have the blocks ${first} to ${last}`,
      );
    for (const [index, one] of given.entries())
      one.then(
        ({ says }) => {
          if (says !== agreed.says) endpoints.lied(index, `the blocks ${first} to ${last}`);
        },
        () => undefined,
      );
    return agreed.blocks;
  }

  async #read(node: AleoBlocks, first: number, last: number) {
    const blocks: Block[] = [];
    for await (const block of node.blocks(first, last)) blocks.push(block);
    return {
      blocks,
      says: JSON.stringify(
        blocks.map((block) => this.#contentOf(block)),
        asText,
      ),
    };
  }

  /** What is told of a block: nodes of different versions write the rest differently. */
  #contentOf(block: Block): unknown {
    const { block_hash: hash, previous_hash: previous } = block;
    return [heightOf(block), hash, previous, timeOf(block), observe(block, this.#parts.programs)];
  }
}

const asText = (_name: string, value: unknown): unknown =>
  typeof value === "bigint" ? String(value) : value;
